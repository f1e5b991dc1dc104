import { isPassing } from '../core/failures';
import { fillHole } from '../sync/history';
import { accountOf, type App } from './app';

/** Messages that are not here yet, up to and with `seq`, one page of them. False if the service could not be asked. */
export async function loadOlder(app: App, conversationId: string, seq: number): Promise<boolean> {
  const account = accountOf(app);
  if (account === null) return false;
  try {
    await fillHole(account.send, account.mirror, conversationId, seq);
    return true;
  } catch (failure) {
    if (!isPassing(failure)) app.ports.onDefect(failure);
    return false;
  }
}
