/** Beyond the 5,000 conversations that one question may name, new ones are found in the list of all of them. */

import type { Mirror } from '../repositories/mirror';
import type { Send } from '../transport/rest/client';
import { list, type Conversation } from '../transport/rest/conversations';
import { getMessages } from '../transport/rest/messages';
import { isConversation } from '../transport/rest/shapes';
import { one, type User } from '../transport/rest/users';

const LATEST = 20;

/** The newest activity that the last walk through all of them saw: what is new since then is newer. */
const walked = new WeakMap<Mirror, string>();

/** Brings those that are not held, each with its latest messages. */
export async function newConversations(
  send: Send,
  mirror: Mirror,
  epoch: string,
  signal?: AbortSignal,
): Promise<void> {
  const before = walked.get(mirror) ?? '';
  let newest: string | undefined;
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof list>> = await list(send, cursor, signal);
    const held = await mirror.cursors();
    for (const conversation of page.conversations) {
      if (isConversation(conversation) && !(conversation.id in held))
        await bring(send, mirror, epoch, conversation, signal);
    }
    newest ??= page.conversations[0]?.updated_at;
    const oldest = page.conversations.at(-1)?.updated_at;
    cursor = oldest === undefined || oldest < before ? null : page.next_cursor;
  } while (cursor !== null);
  if (newest !== undefined) walked.set(mirror, newest);
}

async function bring(
  send: Send,
  mirror: Mirror,
  epoch: string,
  conversation: Conversation,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { messages } = await getMessages(send, conversation.id, Number.MAX_SAFE_INTEGER, LATEST, signal);
  const people: User[] = [];
  for (const { user_id: id } of conversation.members) {
    if (id !== mirror.meId) people.push(await one(send, id));
  }
  const head = messages.at(-1)?.seq ?? 0;
  const snapshot = { conversation, messages, from_seq: messages[0]?.seq ?? 1, head_seq: head };
  await mirror.apply(epoch, async (applying) => {
    await applying.users(people);
    if ((await applying.cursor(conversation.id)) === null) await applying.replace(snapshot, { read: false });
  });
}
