/**
 * Transactions on one connection, and the word after the commit of what has changed.
 *
 * expo-sqlite's own transactions do not keep two of them apart (expo/expo#49281), and its change listener speaks for
 * every row before the commit; so both are done here: a mutex, BEGIN IMMEDIATE, and one announcement a transaction.
 */

import { Closed } from '../core/failures';
import { Mutex } from '../core/mutex';
import type { SqlDriver, SqlRow, SqlValue } from '../core/ports';
import { TABLES, type Table } from './tables';

/** What a query may do. */
export interface Reading {
  all<T extends object = SqlRow>(sql: string, ...parameters: SqlValue[]): Promise<T[]>;
  one<T extends object = SqlRow>(sql: string, ...parameters: SqlValue[]): Promise<T | null>;
}

/** What a transaction may do besides. */
export interface Writing extends Reading {
  run(sql: string, ...parameters: SqlValue[]): Promise<void>;
}

export type Listener = (changed: ReadonlySet<Table>) => void;

export class Database implements Reading {
  readonly #mutex = new Mutex();
  readonly #listeners = new Set<Listener>();
  #closed = false;

  constructor(private readonly driver: SqlDriver) {}

  /**
   * All of `work` or nothing of it; one transaction after another. Rejects with Closed after `close`.
   * Within `work` only its own argument may be used: the database itself would wait for the end of `work`.
   */
  tx<T>(work: (writing: Writing) => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      this.#mustBeOpen();
      const writing = new Transaction(this.driver);
      await this.driver.run('BEGIN IMMEDIATE', []);
      let result: T;
      try {
        result = await work(writing);
        this.#mustBeOpen(); // signed out meanwhile: nothing is written late
        await this.driver.run('COMMIT', []);
      } catch (failure) {
        await this.driver.run('ROLLBACK', []).catch(() => undefined);
        throw failure;
      }
      this.#announce(writing.changed);
      return result;
    });
  }

  /** Outside of a transaction, and never in the middle of one: the connection is shared. */
  all<T extends object = SqlRow>(sql: string, ...parameters: SqlValue[]): Promise<T[]> {
    return this.#mutex.run(async () => {
      this.#mustBeOpen();
      return (await this.driver.all(sql, parameters)) as T[];
    });
  }

  async one<T extends object = SqlRow>(sql: string, ...parameters: SqlValue[]): Promise<T | null> {
    return (await this.all<T>(sql, ...parameters))[0] ?? null;
  }

  /** Several reads that see the same state. */
  snapshot<T>(work: (reading: Reading) => Promise<T>): Promise<T> {
    return this.#mutex.run(async () => {
      this.#mustBeOpen();
      return work(new Transaction(this.driver));
    });
  }

  /** `listener` hears of every commit from now on; the returned function ends that. */
  onCommit(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A running transaction is rolled back; what comes later is refused. Again and again, the same. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.clear();
    await this.#mutex.run(() => this.driver.close());
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new Closed();
  }

  #announce(changed: ReadonlySet<Table>): void {
    if (changed.size === 0) return;
    for (const listener of [...this.#listeners]) listener(changed);
  }
}

const WRITTEN = /^\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+(\w+)/i;

class Transaction implements Writing {
  readonly changed = new Set<Table>();

  constructor(private readonly driver: SqlDriver) {}

  run(sql: string, ...parameters: SqlValue[]): Promise<void> {
    this.#note(sql);
    return this.driver.run(sql, parameters);
  }

  async all<T extends object = SqlRow>(sql: string, ...parameters: SqlValue[]): Promise<T[]> {
    this.#note(sql); // INSERT … RETURNING
    return (await this.driver.all(sql, parameters)) as T[];
  }

  async one<T extends object = SqlRow>(sql: string, ...parameters: SqlValue[]): Promise<T | null> {
    return (await this.all<T>(sql, ...parameters))[0] ?? null;
  }

  #note(sql: string): void {
    const table = WRITTEN.exec(sql)?.[1];
    if (table !== undefined && (TABLES as readonly string[]).includes(table))
      this.changed.add(table as Table);
  }
}
