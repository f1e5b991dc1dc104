import { accountOf, type App } from './app';

/** A message that has failed is tried again, under its old `client_message_id`. */
export async function retryMessage(app: App, clientMessageId: string): Promise<void> {
  const account = accountOf(app);
  await account?.messages.retry(clientMessageId);
  account?.engine.retryNow();
}

/** A message that has failed is given up, and gone from this device. */
export async function discardMessage(app: App, clientMessageId: string): Promise<void> {
  await accountOf(app)?.messages.discard(clientMessageId);
}
