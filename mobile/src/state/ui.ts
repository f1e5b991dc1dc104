/** What the screens remember of themselves while the app runs. */

import { createStore } from 'zustand/vanilla';

export type Pane = 'conversations' | 'new_conversation' | 'account';

export interface Ui {
  pane: Pane;
  conversationId: string | null;
  /** Whether the service answered when it was last asked. */
  reachable: boolean;
  /** What the device says of its network. */
  online: boolean;
}

const AT_START: Ui = { pane: 'conversations', conversationId: null, reachable: true, online: true };

export const createUi = () => createStore<Ui>(() => AT_START);
export type UiStore = ReturnType<typeof createUi>;

/** For the next person. What is known of the network stays. */
export function resetUi(store: UiStore): void {
  store.setState({ pane: AT_START.pane, conversationId: null });
}
