/**
 * When to ask and when to send: every trigger (a message written, the network back, the app in the foreground, time)
 * leads to the same two coalesced runs, one for what comes in and one for what goes out, which do not wait for each
 * other once the first bootstrap is done.
 */

import { backoff } from '../core/backoff';
import { Coalesced } from '../core/coalesced';
import { Closed, isPassing, retryAfterOf, SessionEnded } from '../core/failures';
import type { Clock, Network, Random, Scheduler } from '../core/ports';
import type { Mirror } from '../repositories/mirror';
import type { Outbox } from '../repositories/outbox';
import type { Send } from '../transport/rest/client';
import { bootstrap } from './bootstrap';
import { syncMessages } from './messageSync';
import { OutboxProcessor } from './outboxProcessor';

/** Between two questions while a conversation is open, and while none is. */
const POLL_OPEN_MS = 2_000;
const POLL_MS = 5_000;

export interface Surroundings {
  send: Send;
  mirror: Mirror;
  outbox: Outbox;
  clock: Clock;
  random: Random;
  scheduler: Scheduler;
  network: Network;
  /** Whether the service answers: for the screen, nothing waits for it. */
  onReachable: (reachable: boolean) => void;
  /** A defect of this app: it goes on, and somebody should know. */
  onDefect: (failure: unknown) => void;
}

export class Engine {
  readonly #ending = new AbortController();
  readonly #incoming = new Coalesced(() => this.#pull());
  readonly #outgoing = new Coalesced(() => this.#push());
  readonly #processor: OutboxProcessor;
  #callOffPoll = () => {};
  #callOffPush = () => {};
  #stopListening = () => {};
  #failures = 0;
  #active = true;
  #conversationOpen = false;

  constructor(private readonly use: Surroundings) {
    const { send, outbox, clock, random } = use;
    const onConflict = () => void this.pull();
    this.#processor = new OutboxProcessor({
      send,
      outbox,
      clock,
      random,
      signal: this.#ending.signal,
      onConflict,
    });
  }

  start(): void {
    this.#stopListening = this.use.network.onChange((online) => {
      if (online) this.retryNow();
    });
    void this.pull(); // and then what an earlier run of the app left behind is sent
  }

  /** Nothing is asked or sent any more, and what is on its way is called off. Resolves when nothing runs. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#stopListening();
    this.#callOffPoll();
    this.#callOffPush();
    await Promise.all([this.#incoming.settled(), this.#outgoing.settled()]);
  }

  /** Asks what is new. Resolves when that is known, or could not be. */
  async pull(): Promise<void> {
    if (this.#stopped) return;
    this.#callOffPoll();
    await this.#incoming.run();
  }

  /** Sends what waits. */
  async push(): Promise<void> {
    if (this.#stopped) return;
    this.#callOffPush();
    await this.#outgoing.run();
  }

  /** Everything that waits for its time is tried at once. */
  retryNow(): void {
    this.#failures = 0;
    this.#processor.retryNow();
    void this.pull();
    void this.push();
  }

  /** In the foreground it asks by itself. */
  setActive(active: boolean): void {
    const returned = active && !this.#active;
    this.#active = active;
    if (returned) this.retryNow();
  }

  /** An open conversation is asked for more often. */
  setConversationOpen(open: boolean): void {
    const opened = open && !this.#conversationOpen;
    this.#conversationOpen = open;
    if (opened) void this.pull();
  }

  get #stopped(): boolean {
    return this.#ending.signal.aborted;
  }

  async #pull(): Promise<void> {
    if (this.#stopped) return;
    const { send, mirror, scheduler } = this.use;
    let wait = this.#conversationOpen ? POLL_OPEN_MS : POLL_MS;
    try {
      const { bootstrapped } = await mirror.state();
      if (bootstrapped) await syncMessages(send, mirror, this.#ending.signal);
      if (!(await mirror.state()).bootstrapped) {
        await bootstrap(send, mirror, this.#ending.signal);
        await syncMessages(send, mirror, this.#ending.signal);
      }
      this.#reached();
    } catch (failure) {
      if (!this.#goesOnAfter(failure)) return;
      this.#failures += 1;
      wait = Math.max(wait, backoff(this.#failures, this.use.random, retryAfterOf(failure)));
    }
    if (this.#stopped) return;
    this.#callOffPoll();
    this.#callOffPoll = scheduler.after(wait, () => {
      if (this.#active) void this.pull();
    });
  }

  async #push(): Promise<void> {
    if (this.#stopped || !(await this.#isBootstrapped())) return; // the end of the bootstrap pushes
    try {
      await this.#processor.run();
    } catch (failure) {
      if (!this.#goesOnAfter(failure)) return;
    }
    const wait = this.#processor.nextIn();
    if (wait !== null && !this.#stopped) {
      this.#callOffPush();
      this.#callOffPush = this.use.scheduler.after(wait, () => void this.push());
    }
  }

  async #isBootstrapped(): Promise<boolean> {
    try {
      return (await this.use.mirror.state()).bootstrapped;
    } catch (failure) {
      this.#goesOnAfter(failure);
      return false;
    }
  }

  #reached(): void {
    if (this.#failures > 0) this.#processor.retryNow(); // it answers again: what waits need not wait longer
    this.#failures = 0;
    this.use.onReachable(true);
    void this.push(); // what waits may have got another conversation, or come back from a former history
  }

  #goesOnAfter(failure: unknown): boolean {
    if (this.#stopped || failure instanceof Closed || failure instanceof SessionEnded) return false;
    if (isPassing(failure)) this.use.onReachable(false);
    else this.use.onDefect(failure);
    return true;
  }
}
