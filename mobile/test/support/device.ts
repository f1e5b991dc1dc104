/** A phone in memory: real SQLite, a clock and timers that the test moves, and the fake service. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Database as Sqlite } from 'node-sqlite3-wasm';
import type {
  Fetch,
  Ports,
  SqlDriver,
  SqlFiles,
  SqlRow,
  StoredAccount,
  TokenStore,
} from '../../src/core/ports';

export function sqlite(path = ':memory:'): SqlDriver {
  const db = new Sqlite(path);
  return {
    run: async (sql, parameters) => void db.run(sql, parameters),
    all: async (sql, parameters) => db.all(sql, parameters) as SqlRow[],
    close: async () => db.close(),
  };
}

/** Files outlive their closing, as they do on a phone. */
export class Disk implements SqlFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'chatsvc-mobile-'));

  open(name: string): Promise<SqlDriver> {
    return Promise.resolve(sqlite(join(this.#folder, name)));
  }

  remove(name: string): Promise<void> {
    rmSync(join(this.#folder, name), { force: true });
    return Promise.resolve();
  }

  wipe(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Tokens implements TokenStore {
  account: StoredAccount | null = null;
  left: string[] = [];

  load = () => Promise.resolve(this.account && { ...this.account });
  save = (account: StoredAccount) => {
    this.account = { ...account };
    return Promise.resolve();
  };
  clear = () => {
    this.account = null;
    return Promise.resolve();
  };
  loadLeft = () => Promise.resolve([...this.left]);
  saveLeft = (left: string[]) => {
    this.left = [...left];
    return Promise.resolve();
  };
}

/** Time that stands still until the test moves it. */
export class Time {
  #now = 0;
  #timers: { at: number; work: () => void }[] = [];
  readonly clock = { now: () => 1_780_000_000_000 + this.#now, elapsed: () => this.#now };
  readonly scheduler = {
    after: (milliseconds: number, work: () => void) => {
      const timer = { at: this.#now + milliseconds, work };
      this.#timers.push(timer);
      return () => void (this.#timers = this.#timers.filter((one) => one !== timer));
    },
  };

  /** Runs what falls due until then, each thing to its end. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      await quiet();
      const due = this.#timers.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((one) => one !== due);
      this.#now = Math.max(this.#now, due.at);
      due.work();
    }
    this.#now = until;
  }
}

/** Until nothing is left to do but wait: promises here never wait for the outside. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((done) => setImmediate(done));
}

export class NetworkOfTest {
  online = true;
  #listeners = new Set<(online: boolean) => void>();
  isOnline = () => this.online;
  onChange = (listener: (online: boolean) => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };
  set(online: boolean): void {
    this.online = online;
    for (const listener of [...this.#listeners]) listener(online);
  }
}

export interface Device extends Ports {
  time: Time;
  network: NetworkOfTest;
  files: Disk;
  tokenStore: Tokens;
  defects: unknown[];
}

export function device(fetch: Fetch, random: () => number = () => 0.5): Device {
  const time = new Time();
  const network = new NetworkOfTest();
  const defects: unknown[] = [];
  return {
    baseUrl: 'http://service',
    deviceName: 'a phone',
    fetch,
    clock: time.clock,
    scheduler: time.scheduler,
    network,
    random,
    newId: () => randomUUID(),
    tokenStore: new Tokens(),
    files: new Disk(),
    onDefect: (failure) => defects.push(failure),
    time,
    defects,
  };
}
