/** Section 4 of the contract: conversations. */

import type { Send } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Conversation = Schemas['Conversation'];
export type ConversationPage = Schemas['ConversationList'];

/** Newest activity first, 200 a page; `cursor` is the page's before, or null for the first. */
export function list(send: Send, cursor: string | null, signal?: AbortSignal): Promise<ConversationPage> {
  const after = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  return send({ method: 'GET', path: `/v1/conversations?limit=200${after}`, signal });
}

/** The one conversation of the pair, made if there was none. */
export function openOrCreateDirect(
  send: Send,
  otherUserId: string,
  signal?: AbortSignal,
): Promise<Conversation> {
  return send({
    method: 'POST',
    path: '/v1/conversations/direct',
    body: { other_user_id: otherUserId },
    signal,
  });
}
