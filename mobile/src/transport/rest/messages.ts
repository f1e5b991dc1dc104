/** Section 4 of the contract: messages. */

import { NoAnswer } from '../../core/failures';
import type { Send } from './client';
import { isMessage } from './shapes';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Message = Schemas['Message'];
export type MessagePage = Schemas['MessagePage'];
export type BatchResult = Schemas['BatchResult'];

export interface Outgoing {
  conversationId: string;
  clientMessageId: string;
  content: string;
}

/** The page just before `beforeSeq`, ascending. */
export async function getMessages(
  send: Send,
  conversationId: string,
  beforeSeq: number,
  limit: number,
  signal?: AbortSignal,
): Promise<MessagePage> {
  const path = `/v1/conversations/${conversationId}/messages?before_seq=${beforeSeq}&limit=${limit}`;
  const page = await send<MessagePage>({ method: 'GET', path, signal });
  if (!Array.isArray(page.messages) || !page.messages.every(isMessage))
    throw new NoAnswer('not a page of messages');
  return page;
}

/** The message as the service holds it, be it new or sent before. */
export async function sendMessage(send: Send, message: Outgoing, signal?: AbortSignal): Promise<Message> {
  const { conversationId, clientMessageId: client_message_id, content } = message;
  const path = `/v1/conversations/${conversationId}/messages`;
  const sent = await send<Message>({ method: 'POST', path, body: { client_message_id, content }, signal });
  if (!isMessage(sent)) throw new NoAnswer('not a message');
  return sent;
}

export interface BatchAnswer {
  /** One for each message, in order. */
  results: BatchResult[];
  /** For those that are 429. */
  retryAfterSeconds: number;
}

/** 1 to 100 messages, in order. */
export async function sendBatch(
  send: Send,
  messages: Outgoing[],
  signal?: AbortSignal,
): Promise<BatchAnswer> {
  const body = {
    messages: messages.map(({ conversationId, clientMessageId, content }) => ({
      conversation_id: conversationId,
      client_message_id: clientMessageId,
      content,
    })),
  };
  let retryAfterSeconds = 0;
  const { results } = await send<Schemas['BatchResults']>({
    method: 'POST',
    path: '/v1/messages/batch',
    body,
    signal,
    onRetryAfter: (seconds) => (retryAfterSeconds = seconds),
  });
  if (!Array.isArray(results) || results.length !== messages.length)
    throw new NoAnswer('not a result for each');
  return { results, retryAfterSeconds };
}
