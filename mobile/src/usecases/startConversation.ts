import type { Person } from '../core/person';
import { search } from '../transport/rest/users';
import { accountOf, type App } from './app';

/** People whose username or name begins with `query`. Rejects with NoAnswer, Refused or SessionEnded. */
export async function searchPeople(app: App, query: string, signal?: AbortSignal): Promise<Person[]> {
  const account = accountOf(app);
  if (account === null || query.trim() === '') return [];
  const found = await search(account.send, query, signal);
  return found.map((user) => ({ id: user.id, username: user.username, displayName: user.display_name }));
}

/** The conversation with a person, opened on the screen. The service hears of a new one with its first message. */
export async function startConversation(app: App, person: Person): Promise<void> {
  const account = accountOf(app);
  if (account === null) return;
  showConversation(app, await account.conversations.begin(person));
}

/** Null shows none. */
export function showConversation(app: App, id: string | null): void {
  app.ui.setState({ conversationId: id, pane: 'conversations' });
  accountOf(app)?.engine.setConversationOpen(id !== null);
}
