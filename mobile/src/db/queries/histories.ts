/**
 * When the service's history has changed (section 5 of the contract, `sync_epoch`): what was held is put aside, and
 * once the new history is here, what it lacks of one's own goes back into the outbox, in its old order.
 */

import type { Reading, Writing } from '../database';

/** Conversations stay, for their drafts and for what waits in them, but are unknown to the service until it names them. */
export async function putAside(writing: Writing): Promise<void> {
  await writing.run(
    `INSERT OR REPLACE INTO former_messages (sender_id, client_message_id, conversation_id, peer_id, content, server_id,
       server_seq, local_created_at)
     SELECT m.sender_id, m.client_message_id, m.conversation_id, c.peer_id, m.content, m.server_id, m.server_seq,
       m.local_created_at
     FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.server_seq IS NOT NULL`,
  );
  await writing.run('DELETE FROM messages WHERE server_seq IS NOT NULL');
  await writing.run('DELETE FROM holes');
  await writing.run('UPDATE conversations SET after_seq = NULL, head_seq = 0, last_message_preview = NULL');
}

/**
 * Two histories are the same up to the newest message of somebody else that both have under the same id and seq (an own
 * one may have been taken by the new history before this device heard of it). Own messages beyond it that are not held
 * go back; the service knows by their `client_message_id` which of them it has after all.
 */
export async function putBack(writing: Writing, meId: string): Promise<void> {
  await writing.run(
    `UPDATE former_messages SET conversation_id = m.new_id FROM moved_conversations m
     WHERE m.old_id = former_messages.conversation_id`,
  );
  await writing.run(
    `WITH common AS MATERIALIZED (
       SELECT g.conversation_id AS id, max(g.server_seq) AS seq FROM former_messages g JOIN messages m
         ON m.conversation_id = g.conversation_id AND m.server_seq = g.server_seq AND m.server_id = g.server_id
       WHERE g.sender_id <> ?1 AND m.server_seq IS NOT NULL GROUP BY g.conversation_id)
     INSERT INTO outbox (position, client_message_id, conversation_id, peer_id, content)
     SELECT (SELECT coalesce(min(position), 1) FROM outbox) - row_number() OVER (ORDER BY f.server_seq DESC,
         f.conversation_id), f.client_message_id, f.conversation_id, f.peer_id, f.content
     FROM former_messages f LEFT JOIN common ON common.id = f.conversation_id
     WHERE f.sender_id = ?1 AND f.server_seq > coalesce(common.seq, 0)
       AND NOT EXISTS (SELECT 1 FROM messages m
         WHERE m.sender_id = f.sender_id AND m.client_message_id = f.client_message_id)
     ON CONFLICT (client_message_id) DO NOTHING`,
    meId,
  );
  await writing.run(
    `INSERT INTO messages (sender_id, client_message_id, conversation_id, content, local_created_at)
     SELECT f.sender_id, f.client_message_id, f.conversation_id, f.content, f.local_created_at
     FROM former_messages f JOIN outbox o USING (client_message_id) WHERE f.sender_id = ?
     ON CONFLICT (sender_id, client_message_id) DO NOTHING`,
    meId,
  );
  await writing.run('DELETE FROM former_messages');
}

/** Conversations that the new history did not name. */
export function unnamed(reading: Reading): Promise<{ id: string; peer_id: string | null }[]> {
  return reading.all(
    "SELECT id, peer_id FROM conversations WHERE after_seq IS NULL AND id NOT LIKE 'local:%'",
  );
}
