import type { Reading, Writing } from '../database';

export interface UserRow {
  id: string;
  username: string;
  display_name: string;
  server_updated_at: string;
}

/** As the newest answer that names them shows them. `users` is a JSON list of users of the contract. */
export function upsert(writing: Writing, users: string): Promise<void> {
  return writing.run(
    `INSERT INTO users (id, username, display_name, server_updated_at)
     SELECT value ->> 'id', value ->> 'username', value ->> 'display_name', value ->> 'updated_at'
     FROM json_each(?) WHERE true
     ON CONFLICT (id) DO UPDATE SET
       username = excluded.username, display_name = excluded.display_name, server_updated_at = excluded.server_updated_at`,
    users,
  );
}

export function one(reading: Reading, id: string): Promise<UserRow | null> {
  return reading.one<UserRow>('SELECT * FROM users WHERE id = ?', id);
}
