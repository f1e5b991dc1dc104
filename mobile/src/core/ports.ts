/** What the client needs of its surroundings. The app gives the device's, the tests give their own. */

export interface Clock {
  /** Milliseconds since 1970, as the device believes. For showing and for names of rows, never for order. */
  now(): number;
  /** Milliseconds of a clock that only goes forward, whatever the person sets. */
  elapsed(): number;
}

export interface Scheduler {
  /** Runs `work` once after `milliseconds`; the returned function calls it off. */
  after(milliseconds: number, work: () => void): () => void;
}

export interface Network {
  /** A hint alone: the failure of a request decides. */
  isOnline(): boolean;
  onChange(listener: (online: boolean) => void): () => void;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
export type NewId = () => string;
/** From 0 up to, and without, 1. */
export type Random = () => number;

/** Who is signed in on this device. Without a refresh token the session has ended, and the rows wait. */
export interface StoredAccount {
  userId: string;
  username: string;
  displayName: string;
  sessionId: string;
  refreshToken: string | null;
}

/** Survives restarts; on a phone in the keychain. */
export interface TokenStore {
  load(): Promise<StoredAccount | null>;
  save(account: StoredAccount): Promise<void>;
  clear(): Promise<void>;
  /** Refresh tokens of sessions that a person left while offline: to be ended as soon as that is possible. */
  loadLeft(): Promise<string[]>;
  saveLeft(refreshTokens: string[]): Promise<void>;
}

export type SqlValue = string | number | null;
export type SqlRow = Record<string, SqlValue>;

/** One connection to one SQLite file. Knows nothing of transactions: `db/database.ts` does. */
export interface SqlDriver {
  run(sql: string, parameters: SqlValue[]): Promise<void>;
  all(sql: string, parameters: SqlValue[]): Promise<SqlRow[]>;
  close(): Promise<void>;
}

export interface SqlFiles {
  open(name: string): Promise<SqlDriver>;
  /** The file must be closed. Deleting one that is not there is nothing. */
  remove(name: string): Promise<void>;
}

/** All of it. */
export interface Ports {
  /** Of the service, without a slash at its end; empty for the same origin. */
  baseUrl: string;
  deviceName: string | null;
  fetch: Fetch;
  clock: Clock;
  scheduler: Scheduler;
  network: Network;
  random: Random;
  newId: NewId;
  tokenStore: TokenStore;
  files: SqlFiles;
  /** Something that should never happen has. */
  onDefect: (failure: unknown) => void;
}
