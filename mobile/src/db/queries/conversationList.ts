/** Conversations with what the list tells of each: who it is with, the newest words, what is unread, waits or failed. */

import type { Reading } from '../database';
import type { ConversationRow } from './conversations';

export interface ListedRow extends ConversationRow {
  username: string | null;
  display_name: string | null;
  preview: string | null;
  preview_sender_id: string | null;
  activity: number;
  unread: number;
  waiting: number;
  failed: number;
}

const LISTED = `
  SELECT c.*, u.username, u.display_name,
    coalesce(w.content, c.last_message_preview) AS preview,
    CASE WHEN w.content IS NOT NULL THEN w.sender_id ELSE
      (SELECT m.sender_id FROM messages m WHERE m.conversation_id = c.id AND m.server_seq = c.head_seq) END
      AS preview_sender_id,
    coalesce(w.local_created_at, CAST(1000 * unixepoch(c.server_updated_at, 'subsec') AS INTEGER), c.local_created_at)
      AS activity,
    (SELECT count(*) FROM messages m
       WHERE m.conversation_id = c.id AND m.server_seq > c.read_seq AND m.sender_id <> ?1)
    + (SELECT coalesce(sum(h.to_seq - max(h.from_seq, c.read_seq + 1) + 1), 0) FROM holes h
       WHERE h.conversation_id = c.id AND h.to_seq > c.read_seq) AS unread,
    (SELECT count(*) FROM outbox o WHERE o.conversation_id = c.id AND o.failed_code IS NULL) AS waiting,
    (SELECT count(*) FROM outbox o WHERE o.conversation_id = c.id AND o.failed_code IS NOT NULL) AS failed
  FROM conversations c
  LEFT JOIN users u ON u.id = c.peer_id
  LEFT JOIN messages w ON w.sender_id = ?1 AND w.client_message_id =
    (SELECT o.client_message_id FROM outbox o WHERE o.conversation_id = c.id ORDER BY o.position DESC LIMIT 1)`;

/** Newest activity first; what waits in the outbox counts as activity. */
export function listed(reading: Reading, meId: string, limit: number): Promise<ListedRow[]> {
  return reading.all<ListedRow>(`${LISTED} ORDER BY activity DESC, c.id LIMIT ?2`, meId, limit);
}

export function listedOne(reading: Reading, meId: string, id: string): Promise<ListedRow | null> {
  return reading.one<ListedRow>(`${LISTED} WHERE c.id = ?2`, meId, id);
}
