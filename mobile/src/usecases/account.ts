/** One person's file, repositories and sync, open as long as the person is signed in. */

import type { Person } from '../core/person';
import type { Ports, StoredAccount } from '../core/ports';
import { Database, type Listener } from '../db/database';
import { migrate } from '../db/tables';
import { Conversations } from '../repositories/conversations';
import { Messages } from '../repositories/messages';
import { Mirror } from '../repositories/mirror';
import { Outbox } from '../repositories/outbox';
import { People } from '../repositories/people';
import { Engine } from '../sync/engine';
import type { RestClient, Send } from '../transport/rest/client';
import { AccountTokens } from '../transport/rest/tokens';

export interface Account {
  readonly me: Person;
  readonly sessionId: string;
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly people: People;
  readonly mirror: Mirror;
  readonly engine: Engine;
  readonly tokens: AccountTokens;
  readonly send: Send;
  /** `listener` hears of every commit; the returned function ends that. */
  onCommit(listener: Listener): () => void;
  /** Nothing is written any more, not even by an answer that is on its way. Gives the last refresh token. */
  close(): Promise<string | null>;
}

export const fileOf = (userId: string): string => `chatsvc-${userId}.db`;

export interface Telling {
  onEnded: () => void;
  onReachable: (reachable: boolean) => void;
}

/** Opens the person's file, or makes it, and begins to sync. Rejects if the device gives no storage. */
export async function openAccount(
  ports: Ports,
  rest: RestClient,
  stored: StoredAccount,
  telling: Telling,
): Promise<Account> {
  const driver = await ports.files.open(fileOf(stored.userId));
  try {
    await migrate(driver);
  } catch (failure) {
    await driver.close();
    throw failure;
  }
  const { clock, random, scheduler, network, newId, onDefect } = ports;
  const { onReachable } = telling;
  const db = new Database(driver);
  const tokens = new AccountTokens(rest, ports.tokenStore, clock, stored, telling.onEnded);
  const mirror = new Mirror(db, stored.userId, clock);
  const outbox = new Outbox(db, stored.userId, clock);
  const { send } = tokens;
  const engine = new Engine({
    send,
    mirror,
    outbox,
    clock,
    random,
    scheduler,
    network,
    onReachable,
    onDefect,
  });
  return {
    me: { id: stored.userId, username: stored.username, displayName: stored.displayName },
    sessionId: stored.sessionId,
    conversations: new Conversations(db, stored.userId, clock),
    messages: new Messages(db, stored.userId, clock, newId),
    people: new People(db),
    mirror,
    engine,
    tokens,
    send,
    onCommit: (listener) => db.onCommit(listener),
    async close() {
      const refreshToken = tokens.close();
      const stopping = engine.stop();
      await db.close();
      await stopping;
      return refreshToken;
    },
  };
}
