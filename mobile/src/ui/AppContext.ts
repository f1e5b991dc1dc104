/** What the screens work with, without being handed it from one to the next. */

import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { Closed } from '../core/failures';
import type { Session } from '../state/session';
import type { Ui } from '../state/ui';
import type { Account } from '../usecases/account';
import type { App } from '../usecases/app';

export const AppContext = createContext<App | null>(null);
export const AccountContext = createContext<Account | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('outside of Root');
  return app;
}

/** Of the person who is signed in: for what lies under Main alone. */
export function useAccount(): Account {
  const account = useContext(AccountContext);
  if (account === null) throw new Error('nobody is signed in here');
  return account;
}

export function useSession(): Session<Account> {
  return useStore(useApp().session);
}

export function useUi<T>(selector: (ui: Ui) => T): T {
  return useStore(useApp().ui, selector);
}

/** Whether the service can be reached, as far as anybody knows. For words on the screen; nothing waits for it. */
export function useConnected(): boolean {
  return useUi((ui) => ui.online && ui.reachable);
}

/** Nobody waits for `work`. That the account was closed meanwhile is no defect: its owner signed out. */
export function inBackground(app: App, work: Promise<unknown>): void {
  work.catch((failure: unknown) => {
    if (!(failure instanceof Closed)) app.ports.onDefect(failure);
  });
}
