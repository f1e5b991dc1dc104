/** Who is signed in. Rows are never here: they are in SQLite. */

import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Person } from '../core/person';

export type Session<Account> =
  | { kind: 'starting' }
  | { kind: 'signed_out' }
  /** The service ended the session; this person's rows, outbox and drafts wait on this device. */
  | { kind: 'ended'; me: Person; unsent: number }
  | { kind: 'signed_in'; account: Account }
  /** The device would not give its storage. */
  | { kind: 'broken'; message: string };

export type SessionStore<Account> = StoreApi<Session<Account>>;

export function createSession<Account>(): SessionStore<Account> {
  return createStore<Session<Account>>(() => ({ kind: 'starting' }));
}
