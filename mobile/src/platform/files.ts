/** expo-sqlite behind our driver, its asynchronous half alone: the other one needs more than a browser gives. */

import { deleteDatabaseAsync, openDatabaseAsync } from 'expo-sqlite';
import { Platform } from 'react-native';
import type { SqlDriver, SqlFiles, SqlRow } from '../core/ports';

export const files: SqlFiles = {
  async open(name): Promise<SqlDriver> {
    const db = await openDatabaseAsync(name);
    // A sort never spills into a file: a browser gives few of them. Nor does it know shared memory, which a log needs.
    await db.execAsync('PRAGMA temp_store = MEMORY');
    if (Platform.OS !== 'web') await db.execAsync('PRAGMA journal_mode = WAL');
    return {
      async run(sql, parameters) {
        await db.runAsync(sql, parameters);
      },
      all: (sql, parameters) => db.getAllAsync<SqlRow>(sql, parameters),
      close: () => db.closeAsync(),
    };
  },
  async remove(name): Promise<void> {
    try {
      await deleteDatabaseAsync(name);
    } catch {
      await emptied(name); // not there, or a file system that cannot delete
    }
  },
};

async function emptied(name: string): Promise<void> {
  const db = await openDatabaseAsync(name);
  const tables = await db.getAllAsync<{ name: string }>(
    "SELECT name FROM sqlite_schema WHERE type = 'table'",
  );
  for (const table of tables) await db.execAsync(`DROP TABLE "${table.name}"`);
  await db.execAsync('PRAGMA user_version = 0');
  await db.execAsync('VACUUM');
  await db.closeAsync();
}
