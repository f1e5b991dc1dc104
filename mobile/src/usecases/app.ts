/** What every usecase is given: the device, the service, and the little that is remembered. */

import type { Ports } from '../core/ports';
import { createSession, type SessionStore } from '../state/session';
import { createUi, type UiStore } from '../state/ui';
import { RestClient } from '../transport/rest/client';
import type { Account } from './account';

export interface App {
  ports: Ports;
  rest: RestClient;
  session: SessionStore<Account>;
  ui: UiStore;
}

export function createApp(ports: Ports): App {
  const rest = new RestClient(ports.baseUrl, ports.fetch, ports.scheduler);
  const app: App = { ports, rest, session: createSession<Account>(), ui: createUi() };
  app.ui.setState({ online: ports.network.isOnline() });
  ports.network.onChange((online) => app.ui.setState({ online }));
  return app;
}

/** Whose turn it is; null while nobody is signed in. */
export function accountOf(app: App): Account | null {
  const session = app.session.getState();
  return session.kind === 'signed_in' ? session.account : null;
}
