import { useEffect, useState } from 'react';
import { Coalesced } from '../../core/coalesced';
import { Closed } from '../../core/failures';
import type { Account } from '../../usecases/account';
import { useAccount, useApp } from '../AppContext';

/** From one read to the next at least: a bootstrap commits more often than anybody can see. */
const PAUSE_MS = 50;

type Tables = Account['conversations']['tables'];

/**
 * What `read` gives, at once and again after every commit that touches one of `tables`. Undefined before the first
 * answer; the last value stays while it is read again. `read` must be the same function as long as it reads the same.
 */
export function useLive<T>(read: () => Promise<T>, tables: Tables): T | undefined {
  const account = useAccount();
  const { onDefect } = useApp().ports;
  const [value, setValue] = useState<T>();
  useEffect(() => {
    const reads = new RepeatedRead(read, (next) => setValue(() => next), onDefect);
    const stopListening = account.onCommit((changed) => {
      if (tables.some((table) => changed.has(table))) reads.ask();
    });
    reads.ask();
    return () => {
      stopListening();
      reads.end();
    };
  }, [account, read, tables, onDefect]);
  return value;
}

class RepeatedRead<T> {
  #ended = false;
  readonly #runs = new Coalesced(() => this.#once());

  constructor(
    private readonly read: () => Promise<T>,
    private readonly onValue: (value: T) => void,
    private readonly onDefect: (failure: unknown) => void,
  ) {}

  ask(): void {
    void this.#runs.run();
  }

  /** What is still on its way is thrown away. */
  end(): void {
    this.#ended = true;
  }

  async #once(): Promise<void> {
    if (this.#ended) return;
    try {
      const value = await this.read();
      if (!this.#ended) this.onValue(value);
    } catch (failure) {
      if (!this.#ended && !(failure instanceof Closed)) this.onDefect(failure);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
