import type { Reading, Writing } from '../database';

export interface ConversationRow {
  id: string;
  type: string;
  peer_id: string | null;
  server_updated_at: string | null;
  head_seq: number;
  after_seq: number | null;
  read_seq: number;
  draft: string;
}

export function one(reading: Reading, id: string): Promise<ConversationRow | null> {
  return reading.one<ConversationRow>('SELECT * FROM conversations WHERE id = ?', id);
}

export function ofPeer(reading: Reading, peerId: string): Promise<ConversationRow | null> {
  return reading.one<ConversationRow>('SELECT * FROM conversations WHERE peer_id = ?', peerId);
}

/** The one with the same person that the service knows, if there is another than `id`. */
export function another(reading: Reading, id: string, peerId: string): Promise<ConversationRow | null> {
  return reading.one<ConversationRow>(
    'SELECT * FROM conversations WHERE peer_id = ? AND id <> ? AND after_seq IS NOT NULL',
    peerId,
    id,
  );
}

/** The id under which it is known now. */
export async function resolved(reading: Reading, id: string): Promise<string> {
  const moved = await reading.one<{ id: string }>(
    `WITH RECURSIVE way (id, step) AS (
       SELECT ?, 0
       UNION ALL SELECT new_id, step + 1 FROM way JOIN moved_conversations ON old_id = way.id WHERE step < 8
     ) SELECT id FROM way ORDER BY step DESC LIMIT 1`,
    id,
  );
  return moved?.id ?? id;
}

/**
 * What the service says of it; the draft and what has been read are this device's own and stay.
 * `conversation` is the JSON of a conversation of the contract.
 */
export async function upsert(
  writing: Writing,
  conversation: string,
  peerId: string | null,
  now: number,
): Promise<void> {
  await writing.run(
    `INSERT INTO conversations (id, type, peer_id, server_created_at, server_updated_at, last_message_preview,
       last_message_at, head_seq, after_seq, local_created_at)
     SELECT c ->> 'id', c ->> 'type', ?2, c ->> 'created_at', c ->> 'updated_at', c ->> 'last_message_preview',
       c ->> 'last_message_at', c ->> 'head_seq', 0, ?3
     FROM (SELECT ?1 AS c) WHERE true
     ON CONFLICT (id) DO UPDATE SET
       type = excluded.type, peer_id = excluded.peer_id, server_created_at = excluded.server_created_at,
       server_updated_at = excluded.server_updated_at, last_message_preview = excluded.last_message_preview,
       last_message_at = excluded.last_message_at, head_seq = excluded.head_seq,
       after_seq = coalesce(after_seq, 0)
     WHERE excluded.head_seq >= head_seq OR after_seq IS NULL`,
    conversation,
    peerId,
    now,
  );
  await writing.run(
    `INSERT INTO conversation_members (conversation_id, user_id, role, joined_at)
     SELECT ?1 ->> 'id', value ->> 'user_id', coalesce(value ->> 'role', ''), coalesce(value ->> 'joined_at', '')
     FROM json_each(?1, '$.members') WHERE true
     ON CONFLICT (conversation_id, user_id) DO UPDATE SET role = excluded.role, joined_at = excluded.joined_at`,
    conversation,
  );
}

/** One that the service does not know yet. */
export async function insertLocal(writing: Writing, id: string, peerId: string, now: number): Promise<void> {
  await writing.run('DELETE FROM moved_conversations WHERE old_id = ?', id); // it is there again
  await writing.run(
    `INSERT INTO conversations (id, type, peer_id, local_created_at) VALUES (?, 'direct', ?, ?)
     ON CONFLICT (id) DO NOTHING`,
    id,
    peerId,
    now,
  );
}

export function setCursor(writing: Writing, id: string, seq: number): Promise<void> {
  return writing.run('UPDATE conversations SET after_seq = ? WHERE id = ?', seq, id);
}

/** Also downwards: nothing above it is read or known. */
export function setHead(writing: Writing, id: string, head: number): Promise<void> {
  return writing.run(
    'UPDATE conversations SET head_seq = ?2, read_seq = min(read_seq, ?2) WHERE id = ?1',
    id,
    head,
  );
}

/** An own message was taken by the service: the list shows it, and the cursor goes on if nothing lies between. */
export async function noteSent(
  writing: Writing,
  message: { conversation_id: string; seq: number; content: string; created_at: string },
): Promise<void> {
  await writing.run(
    `UPDATE conversations SET head_seq = ?2, last_message_preview = substr(?3, 1, 120), last_message_at = ?4,
       server_updated_at = ?4 WHERE id = ?1 AND head_seq < ?2`,
    message.conversation_id,
    message.seq,
    message.content,
    message.created_at,
  );
  await writing.run(
    'UPDATE conversations SET after_seq = ?2 WHERE id = ?1 AND after_seq = ?2 - 1',
    message.conversation_id,
    message.seq,
  );
}

export function markRead(writing: Writing, id: string, seq: number): Promise<void> {
  return writing.run('UPDATE conversations SET read_seq = ?2 WHERE id = ?1 AND read_seq < ?2', id, seq);
}

export function setDraft(writing: Writing, id: string, draft: string): Promise<void> {
  return writing.run('UPDATE conversations SET draft = ?2 WHERE id = ?1 AND draft <> ?2', id, draft);
}

export async function remove(writing: Writing, id: string): Promise<void> {
  // Two, because each of the indexes by conversation holds one kind alone.
  await writing.run('DELETE FROM messages WHERE conversation_id = ? AND server_seq IS NULL', id);
  await writing.run('DELETE FROM messages WHERE conversation_id = ? AND server_seq IS NOT NULL', id);
  await writing.run('DELETE FROM holes WHERE conversation_id = ?', id);
  await writing.run('DELETE FROM conversation_members WHERE conversation_id = ?', id);
  await writing.run('DELETE FROM conversations WHERE id = ?', id);
}

/** What waits under one id goes on under another, which must be there. */
export async function move(writing: Writing, from: string, to: string): Promise<void> {
  if (from === to) return;
  await writing.run(
    'UPDATE messages SET conversation_id = ?2 WHERE conversation_id = ?1 AND server_seq IS NULL',
    from,
    to,
  );
  await writing.run('UPDATE outbox SET conversation_id = ?2 WHERE conversation_id = ?1', from, to);
  await writing.run(
    `UPDATE conversations SET draft = coalesce((SELECT draft FROM conversations WHERE id = ?1), '')
     WHERE id = ?2 AND draft = ''`,
    from,
    to,
  );
  await writing.run(
    `INSERT INTO moved_conversations (old_id, new_id) VALUES (?, ?)
     ON CONFLICT (old_id) DO UPDATE SET new_id = excluded.new_id`,
    from,
    to,
  );
  await writing.run('DELETE FROM moved_conversations WHERE old_id = ?', to); // it is no longer moved itself
  await remove(writing, from);
}

/** The map of 'changes'. */
export async function cursors(reading: Reading): Promise<Record<string, number>> {
  const rows = await reading.all<{ id: string; after_seq: number }>(
    'SELECT id, after_seq FROM conversations WHERE after_seq IS NOT NULL ORDER BY id',
  );
  return Object.fromEntries(rows.map((row) => [row.id, row.after_seq]));
}
