import { contentProblem } from '../core/text';
import { accountOf, type App } from './app';

/** Shown at once, and sent when that is possible. Gives why it cannot be a message; null when it is one. */
export async function sendMessage(
  app: App,
  conversationId: string,
  content: string,
): Promise<ReturnType<typeof contentProblem>> {
  const problem = contentProblem(content);
  const account = accountOf(app);
  if (problem !== null || account === null) return problem;
  await account.messages.send(conversationId, content);
  void account.engine.push();
  return null;
}
