/** A person's own sessions and account, as the service knows them. All reject with NoAnswer, Refused or SessionEnded. */

import * as auth from '../transport/rest/auth';
import * as users from '../transport/rest/users';
import { accountOf, type App } from './app';
import { signOut } from './signOut';

export type { Session } from '../transport/rest/auth';

export async function listSessions(app: App): Promise<auth.Session[]> {
  const account = accountOf(app);
  return account === null ? [] : auth.sessions(account.send);
}

export async function endSession(app: App, id: string): Promise<void> {
  const account = accountOf(app);
  if (account !== null) await auth.endSession(account.send, id);
}

/** Every other session is over. */
export async function changePassword(app: App, current: string, next: string): Promise<void> {
  const account = accountOf(app);
  if (account !== null) await account.tokens.take(await auth.changePassword(account.send, current, next));
}

export async function renameMe(app: App, displayName: string): Promise<void> {
  const account = accountOf(app);
  if (account !== null) await account.people.keep(await users.rename(account.send, displayName));
}

/** For ever, at the service and on this device. */
export async function deleteMe(app: App, password: string): Promise<void> {
  const account = accountOf(app);
  if (account === null) return;
  await users.deleteMe(account.send, password);
  await signOut(app);
}
