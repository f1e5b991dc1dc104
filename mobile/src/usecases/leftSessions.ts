/** Sessions that a person left without a network: the service hears of it as soon as it can be reached. */

import { Refused } from '../core/failures';
import { Mutex } from '../core/mutex';
import { logout } from '../transport/rest/auth';
import type { App } from './app';

const writing = new Mutex();

/** Keeps the last refresh token of a session that is to be ended. */
export function leaveSession(app: App, refreshToken: string): Promise<void> {
  return change(app, (left) => [...left, refreshToken]);
}

/** What cannot be ended now is kept for the next time. */
export async function endLeftSessions(app: App): Promise<void> {
  for (const refreshToken of await app.ports.tokenStore.loadLeft()) {
    try {
      await logout((call) => app.rest.send(call), refreshToken);
    } catch (failure) {
      if (!(failure instanceof Refused) || failure.status >= 500 || failure.status === 429) return;
    }
    await change(app, (left) => left.filter((one) => one !== refreshToken));
  }
}

function change(app: App, to: (left: string[]) => string[]): Promise<void> {
  const { tokenStore } = app.ports;
  return writing.run(async () => tokenStore.saveLeft(to(await tokenStore.loadLeft())));
}
