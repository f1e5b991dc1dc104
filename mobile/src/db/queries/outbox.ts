import type { Reading, Writing } from '../database';

export interface OutboxRow {
  position: number;
  client_message_id: string;
  conversation_id: string;
  peer_id: string | null;
  content: string;
  failed_code: string | null;
}

export async function append(
  writing: Writing,
  item: { clientMessageId: string; conversationId: string; peerId: string | null; content: string },
): Promise<void> {
  await writing.run(
    `INSERT INTO outbox (position, client_message_id, conversation_id, peer_id, content)
     VALUES ((SELECT coalesce(max(position), 0) + 1 FROM outbox), ?, ?, ?, ?)`,
    item.clientMessageId,
    item.conversationId,
    item.peerId,
    item.content,
  );
}

/** In the order in which they are to be sent. */
export function waiting(reading: Reading, limit: number): Promise<OutboxRow[]> {
  return reading.all<OutboxRow>(
    'SELECT * FROM outbox WHERE failed_code IS NULL ORDER BY position LIMIT ?',
    limit,
  );
}

export async function count(reading: Reading): Promise<number> {
  return (await reading.one<{ n: number }>('SELECT count(*) AS n FROM outbox'))?.n ?? 0;
}

export async function countIn(reading: Reading, conversationId: string): Promise<number> {
  const sql = 'SELECT count(*) AS n FROM outbox WHERE conversation_id = ?';
  return (await reading.one<{ n: number }>(sql, conversationId))?.n ?? 0;
}

/** What the service holds now is no longer to be sent. `messages` is a JSON list of messages of the contract. */
export async function settle(writing: Writing, meId: string, messages: string): Promise<void> {
  await writing.run(
    `DELETE FROM outbox WHERE client_message_id IN
       (SELECT value ->> 'client_message_id' FROM json_each(?) WHERE value ->> 'sender_id' = ?)`,
    messages,
    meId,
  );
}

export function fail(writing: Writing, clientMessageId: string, code: string): Promise<void> {
  return writing.run('UPDATE outbox SET failed_code = ? WHERE client_message_id = ?', code, clientMessageId);
}

/** To the end of the queue: what was written after it may have been sent long ago. */
export async function requeue(writing: Writing, clientMessageId: string): Promise<void> {
  await writing.run(
    `UPDATE outbox SET failed_code = NULL, position = (SELECT max(position) + 1 FROM outbox)
     WHERE client_message_id = ? AND failed_code IS NOT NULL`,
    clientMessageId,
  );
}

export async function hasFailed(reading: Reading, clientMessageId: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM outbox WHERE client_message_id = ? AND failed_code IS NOT NULL';
  return (await reading.one(sql, clientMessageId)) !== null;
}

export function one(reading: Reading, clientMessageId: string): Promise<OutboxRow | null> {
  return reading.one<OutboxRow>('SELECT * FROM outbox WHERE client_message_id = ?', clientMessageId);
}

export function remove(writing: Writing, clientMessageId: string): Promise<void> {
  return writing.run('DELETE FROM outbox WHERE client_message_id = ?', clientMessageId);
}
