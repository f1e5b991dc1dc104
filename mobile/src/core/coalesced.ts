/**
 * Runs `work` again and again while somebody asks: one run at a time, and a request that comes during a run is
 * followed by another run, so that none is lost. `work` must not reject.
 */
export class Coalesced {
  #running: Promise<void> | null = null;
  #again = false;

  constructor(private readonly work: () => Promise<void>) {}

  /** Resolves when a run that began after this call has ended. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#drain();
    return this.#running;
  }

  /** Resolves when nothing runs. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.work();
      }
    } finally {
      this.#running = null; // in the same step as the last look at #again: a request in between would be lost
    }
  }
}
