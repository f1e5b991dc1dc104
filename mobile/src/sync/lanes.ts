/** How long each conversation's queue waits after a failure, so that one does not hold up another. */

import { backoff } from '../core/backoff';
import { retryAfterOf } from '../core/failures';
import type { Clock, Random } from '../core/ports';

/** How often it failed in a row, and not before when it is tried again. */
interface Lane {
  failures: number;
  notBefore: number;
}

export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  isReady(id: string): boolean {
    return (this.#lanes.get(id)?.notBefore ?? 0) <= this.clock.elapsed();
  }

  failed(id: string, failure: unknown): void {
    const failures = (this.#lanes.get(id)?.failures ?? 0) + 1;
    const wait = backoff(failures, this.random, retryAfterOf(failure));
    this.#lanes.set(id, { failures, notBefore: this.clock.elapsed() + wait });
  }

  worked(id: string): void {
    this.#lanes.delete(id);
  }

  /** Those in which nothing waits any more are forgotten. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#lanes.keys()) if (!ids.has(id)) this.#lanes.delete(id);
  }

  /** All may be tried at once; how often they failed is remembered. */
  retryNow(): void {
    for (const lane of this.#lanes.values()) lane.notBefore = 0;
  }

  /** Milliseconds until one may be tried again; null if none waits. */
  nextIn(): number | null {
    const times = [...this.#lanes.values()].map((lane) => lane.notBefore - this.clock.elapsed());
    return times.length === 0 ? null : Math.max(0, Math.min(...times));
  }
}
