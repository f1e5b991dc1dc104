import type { Reading, Writing } from '../database';

export interface Hole {
  from_seq: number;
  to_seq: number;
}

/** Nothing if `from` is beyond `to`. */
export async function add(writing: Writing, conversationId: string, from: number, to: number): Promise<void> {
  if (from > to) return;
  await writing.run(
    `INSERT INTO holes (conversation_id, from_seq, to_seq) VALUES (?, ?, ?)
     ON CONFLICT (conversation_id, from_seq) DO UPDATE SET to_seq = max(to_seq, excluded.to_seq)`,
    conversationId,
    from,
    to,
  );
}

/** The newest first. */
export function of(reading: Reading, conversationId: string): Promise<Hole[]> {
  return reading.all<Hole>(
    'SELECT from_seq, to_seq FROM holes WHERE conversation_id = ? ORDER BY to_seq DESC',
    conversationId,
  );
}

/** `from` to `to` are held now. They must reach the upper end of the hole: history is read downwards. */
export async function fill(
  writing: Writing,
  conversationId: string,
  from: number,
  to: number,
): Promise<void> {
  await writing.run(
    'DELETE FROM holes WHERE conversation_id = ? AND from_seq >= ? AND to_seq <= ?',
    conversationId,
    from,
    to,
  );
  await writing.run(
    'UPDATE holes SET to_seq = ?2 - 1 WHERE conversation_id = ?1 AND from_seq < ?2 AND to_seq >= ?2 AND to_seq <= ?3',
    conversationId,
    from,
    to,
  );
}
