import { isPassing, Refused } from '../core/failures';
import { login, register as registerUser, type SignedIn } from '../transport/rest/auth';
import type { App } from './app';
import { open } from './opening';

export interface Credentials {
  username: string;
  password: string;
}

/** Rejects with NoAnswer or Refused, and then nothing has changed. */
export async function signIn(app: App, { username, password }: Credentials): Promise<void> {
  await enter(
    app,
    await login((call) => app.rest.send(call), { username, password, deviceName: app.ports.deviceName }),
  );
}

/**
 * As `signIn`, with a new account. A registration whose answer was lost may have been done: if the name is then taken,
 * the same password opens it (section 7 of the contract, `try_again`).
 */
export async function register(app: App, who: Credentials & { displayName: string | null }): Promise<void> {
  const { deviceName } = app.ports;
  try {
    await enter(app, await registerUser((call) => app.rest.send(call), { ...who, deviceName }));
    lost.delete(app);
  } catch (failure) {
    if (isPassing(failure)) lost.set(app, who.username);
    const taken = failure instanceof Refused && failure.code === 'username_taken';
    if (!taken || lost.get(app) !== who.username) throw failure;
    try {
      await signIn(app, who);
    } catch (refused) {
      throw refused instanceof Refused && refused.code === 'invalid_credentials' ? failure : refused;
    }
  }
}

/** Names whose registration got no answer. */
const lost = new WeakMap<App, string>();

async function enter(app: App, { user, tokens }: SignedIn): Promise<void> {
  const stored = {
    userId: user.id,
    username: user.username,
    displayName: user.display_name,
    sessionId: tokens.session_id,
    refreshToken: tokens.refresh_token,
  };
  await app.ports.tokenStore.save(stored);
  await open(app, stored, tokens);
}
