import { resetUi } from '../state/ui';
import { fileOf } from './account';
import type { App } from './app';
import { endLeftSessions, leaveSession } from './leftSessions';

/**
 * The person's own word, and the only thing that deletes: the rows, the outbox and the tokens of this device. Without a
 * network too; the session at the service ends when it can be reached.
 */
export async function signOut(app: App): Promise<void> {
  const session = app.session.getState();
  if (session.kind !== 'signed_in' && session.kind !== 'ended') return;
  const { tokenStore, files } = app.ports;
  const userId = session.kind === 'signed_in' ? session.account.me.id : session.me.id;
  app.session.setState({ kind: 'starting' }, true);
  const steps = [
    async () => {
      const refreshToken = session.kind === 'signed_in' ? await session.account.close() : null;
      if (refreshToken !== null) await leaveSession(app, refreshToken);
    },
    () => tokenStore.clear(),
    () => files.remove(fileOf(userId)),
  ];
  // What the device refuses of one does not keep the others from being done.
  for (const step of steps) await step().catch(app.ports.onDefect);
  resetUi(app.ui);
  app.session.setState({ kind: 'signed_out' }, true);
  void endLeftSessions(app);
}
