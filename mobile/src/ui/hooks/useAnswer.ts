import { useCallback, useEffect, useState } from 'react';

export interface Answer<T> {
  loading: boolean;
  /** The newest that came, also while another is asked for. */
  value: T | undefined;
  /** Why the newest question has no answer. */
  failure: unknown;
  again: () => void;
}

interface Last<T> {
  ask: unknown;
  attempt: number;
  value: T | undefined;
  failure: unknown;
}

/** Asks the service, and anew when `ask` is another function or `again` is called. Null asks nothing. */
export function useAnswer<T>(ask: ((signal: AbortSignal) => Promise<T>) | null): Answer<T> {
  const [attempt, setAttempt] = useState(0);
  const [last, setLast] = useState<Last<T> | null>(null);
  useEffect(() => {
    if (ask === null) return undefined;
    const ending = new AbortController();
    const { signal } = ending;
    ask(signal).then(
      (value) => {
        if (!signal.aborted) setLast({ ask, attempt, value, failure: undefined });
      },
      (failure: unknown) => {
        if (!signal.aborted) setLast((before) => ({ ask, attempt, value: before?.value, failure }));
      },
    );
    return () => ending.abort();
  }, [ask, attempt]);
  const again = useCallback(() => setAttempt((before) => before + 1), []);
  const answered = last !== null && last.ask === ask && last.attempt === attempt;
  return {
    loading: ask !== null && !answered,
    value: last?.value,
    failure: answered ? last.failure : undefined,
    again,
  };
}
