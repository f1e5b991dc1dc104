/** From a stored account to a session that the screens can show, and what happens when the service ends it. */

import type { StoredAccount } from '../core/ports';
import { Database } from '../db/database';
import * as outbox from '../db/queries/outbox';
import { migrate } from '../db/tables';
import { resetUi } from '../state/ui';
import type { Tokens } from '../transport/rest/auth';
import { fileOf, openAccount, type Account } from './account';
import { accountOf, type App } from './app';

const DRAFT_MS = 100;

/** With `tokens` just received, or without while there are none in memory. */
export async function open(app: App, stored: StoredAccount, tokens?: Tokens): Promise<void> {
  try {
    const account: Account = await openAccount(app.ports, app.rest, stored, {
      onEnded: () => void ended(app, account),
      onReachable: (reachable) => {
        if (app.ui.getState().reachable !== reachable) app.ui.setState({ reachable });
      },
    });
    if (tokens !== undefined) await account.tokens.take(tokens);
    resetUi(app.ui);
    app.session.setState({ kind: 'signed_in', account }, true);
    account.engine.start();
  } catch (failure) {
    showBroken(app, failure);
  }
}

export function showBroken(app: App, failure: unknown): void {
  app.ports.onDefect(failure);
  const message = failure instanceof Error ? failure.message : String(failure);
  app.session.setState({ kind: 'broken', message }, true);
}

/** A refused refresh is no sign-out: everything stays, for the same person to sign in again. */
async function ended(app: App, account: Account): Promise<void> {
  if (accountOf(app) !== account) return;
  app.session.setState({ kind: 'starting' }, true);
  // The screens go, and with them goes what was typed last into its draft.
  await new Promise<void>((done) => app.ports.scheduler.after(DRAFT_MS, done));
  const unsent = await account.conversations.countUnsent().catch(() => 0);
  await account.close().catch(app.ports.onDefect);
  app.session.setState({ kind: 'ended', me: account.me, unsent }, true);
}

export async function showEnded(app: App, stored: StoredAccount): Promise<void> {
  const me = { id: stored.userId, username: stored.username, displayName: stored.displayName };
  app.session.setState({ kind: 'ended', me, unsent: await countUnsent(app, stored.userId) }, true);
}

async function countUnsent(app: App, userId: string): Promise<number> {
  try {
    const driver = await app.ports.files.open(fileOf(userId));
    await migrate(driver);
    const db = new Database(driver);
    const unsent = await outbox.count(db);
    await db.close();
    return unsent;
  } catch (failure) {
    app.ports.onDefect(failure);
    return 0;
  }
}
