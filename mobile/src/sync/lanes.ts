/** How long each conversation's queue waits after a failure, so that one does not hold up another. */

import { backoff } from '../core/backoff';
import { retryAfterOf } from '../core/failures';
import type { Clock, Random } from '../core/ports';

/** How often it failed in a row; not before when it is tried again, by our own patience and by the service's word. */
interface Lane {
  failures: number;
  patience: number;
  told: number;
}

export class Lanes {
  readonly #lanes = new Map<string, Lane>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  isReady(id: string): boolean {
    const lane = this.#lanes.get(id);
    return lane === undefined || notBefore(lane) <= this.clock.elapsed();
  }

  failed(id: string, failure: unknown): void {
    const failures = (this.#lanes.get(id)?.failures ?? 0) + 1;
    const now = this.clock.elapsed();
    const told = retryAfterOf(failure);
    const patience = now + backoff(failures, this.random, told);
    this.#lanes.set(id, { failures, patience, told: now + told * 1_000 });
  }

  worked(id: string): void {
    this.#lanes.delete(id);
  }

  /** Those in which nothing waits any more are forgotten. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#lanes.keys()) if (!ids.has(id)) this.#lanes.delete(id);
  }

  /** All may be tried as soon as the service allows; how often they failed is remembered. */
  retryNow(): void {
    for (const lane of this.#lanes.values()) lane.patience = 0;
  }

  /** Milliseconds until one may be tried again; null if none waits. */
  nextIn(): number | null {
    const times = [...this.#lanes.values()].map((lane) => notBefore(lane) - this.clock.elapsed());
    return times.length === 0 ? null : Math.max(0, Math.min(...times));
  }
}

function notBefore(lane: Lane): number {
  return Math.max(lane.patience, lane.told);
}
