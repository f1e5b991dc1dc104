/** Older messages, when they come into view: a hole is filled from its upper end downwards. */

import type { Mirror } from '../repositories/mirror';
import type { Send } from '../transport/rest/client';
import { getMessages } from '../transport/rest/messages';

const PAGE = 50;

/**
 * One page into the hole that `seq` lies in. Nothing if that is held already. Rejects with what `send` rejects with.
 */
export async function fillHole(
  send: Send,
  mirror: Mirror,
  conversationId: string,
  seq: number,
  signal?: AbortSignal,
): Promise<void> {
  const { epoch } = await mirror.state();
  const id = await mirror.resolved(conversationId);
  const hole = (await mirror.holes(id)).find((one) => one.from_seq <= seq && seq <= one.to_seq);
  if (hole === undefined) return;
  const { messages } = await getMessages(send, id, hole.to_seq + 1, PAGE, signal);
  const consecutive = messages.every((message, at) => at === 0 || message.seq === messages[at - 1]!.seq + 1);
  if (consecutive && messages.at(-1)?.seq === hole.to_seq) await mirror.fill(epoch, id, messages);
}
