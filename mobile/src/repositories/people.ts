import type { Person } from '../core/person';
import type { Database } from '../db/database';
import * as users from '../db/queries/users';
import type { Table } from '../db/tables';

export class People {
  readonly tables: readonly Table[] = ['users'];

  constructor(private readonly db: Database) {}

  /** As the newest answer that named them showed them. */
  async one(id: string): Promise<Person | null> {
    const row = await users.one(this.db, id);
    return row === null ? null : { id, username: row.username, displayName: row.display_name };
  }

  /** What the service just said of somebody. */
  keep(user: { id: string; username: string; display_name: string; updated_at: string }): Promise<void> {
    return this.db.tx((tx) => users.upsert(tx, JSON.stringify([user])));
  }
}
