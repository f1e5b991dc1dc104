import type { Reading, Writing } from '../database';

export interface MessageRow {
  sender_id: string;
  client_message_id: string;
  conversation_id: string;
  content: string;
  server_id: string | null;
  server_seq: number | null;
  server_created_at: string | null;
  local_created_at: number;
  failed_code: string | null;
}

/**
 * Messages as the service holds them, a JSON list. An own one that waited in the outbox is sent now, whether its answer
 * or a pull came first.
 */
export async function upsertSent(writing: Writing, messages: string): Promise<void> {
  await writing.run(
    `DELETE FROM messages
     WHERE server_seq IS NOT NULL AND (conversation_id, server_seq) IN (SELECT value ->> 'conversation_id', value ->> 'seq' FROM json_each(?1))
       AND (sender_id, client_message_id) NOT IN
         (SELECT value ->> 'sender_id', value ->> 'client_message_id' FROM json_each(?1))`,
    messages,
  );
  await writing.run(
    `INSERT INTO messages (sender_id, client_message_id, conversation_id, content, server_id, server_seq,
       server_created_at, local_created_at)
     SELECT value ->> 'sender_id', value ->> 'client_message_id', value ->> 'conversation_id', value ->> 'content',
       value ->> 'id', value ->> 'seq', value ->> 'created_at',
       CAST(1000 * unixepoch(value ->> 'created_at', 'subsec') AS INTEGER)
     FROM json_each(?) WHERE true
     ON CONFLICT (sender_id, client_message_id) DO UPDATE SET
       conversation_id = excluded.conversation_id, content = excluded.content, server_id = excluded.server_id,
       server_seq = excluded.server_seq, server_created_at = excluded.server_created_at`,
    messages,
  );
}

export async function insertWaiting(
  writing: Writing,
  message: {
    senderId: string;
    clientMessageId: string;
    conversationId: string;
    content: string;
    now: number;
  },
): Promise<void> {
  await writing.run(
    `INSERT INTO messages (sender_id, client_message_id, conversation_id, content, local_created_at)
     VALUES (?, ?, ?, ?, ?)`,
    message.senderId,
    message.clientMessageId,
    message.conversationId,
    message.content,
    message.now,
  );
}

/** Those that the service holds; what waits in the outbox stays. */
export async function removeSent(writing: Writing, conversationId: string): Promise<void> {
  await writing.run(
    'DELETE FROM messages WHERE conversation_id = ? AND server_seq IS NOT NULL',
    conversationId,
  );
  await writing.run('DELETE FROM holes WHERE conversation_id = ?', conversationId);
}

export function remove(writing: Writing, senderId: string, clientMessageId: string): Promise<void> {
  return writing.run(
    'DELETE FROM messages WHERE sender_id = ? AND client_message_id = ?',
    senderId,
    clientMessageId,
  );
}

const SHOWN = `
  SELECT m.*, o.failed_code, o.position FROM messages m
  LEFT JOIN outbox o ON m.server_seq IS NULL AND o.client_message_id = m.client_message_id`;

/**
 * The newest `limit` of those that are sent, ascending, and after them all that wait, in the order of the outbox. A
 * message in the middle of a hole (sent again after a change of history) is shown when the hole is filled.
 */
export async function shown(reading: Reading, conversationId: string, limit: number): Promise<MessageRow[]> {
  return reading.all<MessageRow>(
    `SELECT * FROM (
       SELECT * FROM (${SHOWN} WHERE m.conversation_id = ?1 AND m.server_seq IS NOT NULL AND NOT EXISTS
           (SELECT 1 FROM holes h WHERE h.conversation_id = ?1 AND m.server_seq BETWEEN h.from_seq AND h.to_seq)
         ORDER BY m.server_seq DESC LIMIT ?2)
       UNION ALL
       SELECT * FROM (${SHOWN} WHERE m.conversation_id = ?1 AND m.server_seq IS NULL)
     ) ORDER BY server_seq IS NULL, server_seq, position`,
    conversationId,
    limit,
  );
}

export function atSeq(reading: Reading, conversationId: string, seq: number): Promise<MessageRow | null> {
  return reading.one<MessageRow>(
    'SELECT * FROM messages WHERE conversation_id = ? AND server_seq = ?',
    conversationId,
    seq,
  );
}
