import type { Random } from './ports';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * Milliseconds to wait before attempt number `failures` + 1: exponential with full jitter (Brooker, "Exponential
 * Backoff And Jitter", 2015), and never sooner than the server's `Retry-After`.
 */
export function backoff(failures: number, random: Random, retryAfterSeconds = 0): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return retryAfterSeconds * 1_000 + Math.max(FIRST_MS / 4, random() * ceiling);
}
