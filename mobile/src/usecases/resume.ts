/** The app starts: who was signed in still is, with the network or without. */

import type { App } from './app';
import { open, showBroken, showEnded } from './opening';
import { endLeftSessions } from './leftSessions';

export async function resume(app: App): Promise<void> {
  try {
    const stored = await app.ports.tokenStore.load();
    if (stored === null) app.session.setState({ kind: 'signed_out' }, true);
    else if (stored.refreshToken === null) await showEnded(app, stored);
    else await open(app, stored);
  } catch (failure) {
    showBroken(app, failure);
  }
  void endLeftSessions(app);
  app.ports.network.onChange((online) => {
    if (online) void endLeftSessions(app);
  });
}
