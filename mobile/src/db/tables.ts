/** Every table of a person's file. `user_version` counts the steps that a file has taken. */

import type { SqlDriver } from '../core/ports';

export const TABLES = [
  'meta',
  'users',
  'conversations',
  'conversation_members',
  'moved_conversations',
  'messages',
  'former_messages',
  'holes',
  'outbox',
] as const;
export type Table = (typeof TABLES)[number];

const STEPS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`,

    `CREATE TABLE users (
      id TEXT PRIMARY KEY, username TEXT NOT NULL, display_name TEXT NOT NULL, server_updated_at TEXT NOT NULL
    ) WITHOUT ROWID`,

    // after_seq: the newest seq that is held, the cursor of 'changes'; null for one that the service does not know yet,
    // whose id then begins with 'local:'. read_seq: up to where this device has shown it.
    `CREATE TABLE conversations (
      id TEXT PRIMARY KEY, type TEXT NOT NULL, peer_id TEXT,
      server_created_at TEXT, server_updated_at TEXT, last_message_preview TEXT, last_message_at TEXT,
      head_seq INTEGER NOT NULL DEFAULT 0, after_seq INTEGER, read_seq INTEGER NOT NULL DEFAULT 0,
      draft TEXT NOT NULL DEFAULT '', local_created_at INTEGER NOT NULL
    ) WITHOUT ROWID`,
    `CREATE INDEX conversations_by_peer ON conversations (peer_id)`,

    `CREATE TABLE conversation_members (
      conversation_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL, joined_at TEXT NOT NULL,
      PRIMARY KEY (conversation_id, user_id)
    ) WITHOUT ROWID`,

    // A conversation that was begun offline, or that a new history lacks, gets the service's id later.
    `CREATE TABLE moved_conversations (old_id TEXT PRIMARY KEY, new_id TEXT NOT NULL) WITHOUT ROWID`,

    // One message for ever is (sender, client_message_id). Without a server_seq it waits in the outbox, or has failed.
    `CREATE TABLE messages (
      sender_id TEXT NOT NULL, client_message_id TEXT NOT NULL, conversation_id TEXT NOT NULL, content TEXT NOT NULL,
      server_id TEXT, server_seq INTEGER, server_created_at TEXT, local_created_at INTEGER NOT NULL,
      PRIMARY KEY (sender_id, client_message_id)
    ) WITHOUT ROWID`,
    `CREATE UNIQUE INDEX messages_in_order ON messages (conversation_id, server_seq) WHERE server_seq IS NOT NULL`,
    `CREATE INDEX messages_waiting ON messages (conversation_id) WHERE server_seq IS NULL`,

    // What was held of a history that the service no longer has, until the new one is here.
    `CREATE TABLE former_messages (
      sender_id TEXT NOT NULL, client_message_id TEXT NOT NULL, conversation_id TEXT NOT NULL, peer_id TEXT,
      content TEXT NOT NULL, server_id TEXT NOT NULL, server_seq INTEGER NOT NULL, local_created_at INTEGER NOT NULL,
      PRIMARY KEY (sender_id, client_message_id)
    ) WITHOUT ROWID`,

    // Seqs from..to that are not held, though some above them are: filled from history when they come into view.
    `CREATE TABLE holes (
      conversation_id TEXT NOT NULL, from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, from_seq)
    ) WITHOUT ROWID`,

    // In order of position. failed_code: the service will never take it; null while it waits to be sent.
    `CREATE TABLE outbox (
      position INTEGER PRIMARY KEY, client_message_id TEXT NOT NULL UNIQUE, conversation_id TEXT NOT NULL,
      peer_id TEXT, content TEXT NOT NULL, failed_code TEXT
    )`,
    `CREATE INDEX outbox_by_conversation ON outbox (conversation_id)`,
  ],
];

/** Brings a file up to this version's tables. A file of a newer version is refused, not harmed. */
export async function migrate(driver: SqlDriver): Promise<void> {
  const [row] = await driver.all('PRAGMA user_version', []);
  const version = Number(row?.['user_version'] ?? 0);
  if (version > STEPS.length) throw new Error(`this file is of a newer version of the app (${version})`);
  for (let step = version; step < STEPS.length; step += 1) {
    await driver.run('BEGIN IMMEDIATE', []);
    for (const sql of STEPS[step]!) await driver.run(sql, []);
    await driver.run(`PRAGMA user_version = ${step + 1}`, []);
    await driver.run('COMMIT', []);
  }
}
