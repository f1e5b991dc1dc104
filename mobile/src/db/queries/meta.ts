import type { Reading, Writing } from '../database';

/** `arrived` is set when the first bootstrap of this file has ended, and stays. */
export type Key = 'sync_epoch' | 'bootstrap_cursor' | 'bootstrapped' | 'arrived';

export async function value(reading: Reading, key: Key): Promise<string | null> {
  return (await reading.one<{ value: string }>('SELECT value FROM meta WHERE key = ?', key))?.value ?? null;
}

/** Null takes it away. */
export function set(writing: Writing, key: Key, to: string | null): Promise<void> {
  return to === null
    ? writing.run('DELETE FROM meta WHERE key = ?', key)
    : writing.run(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        key,
        to,
      );
}
