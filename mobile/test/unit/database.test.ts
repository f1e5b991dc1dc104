import { expect, test } from 'vitest';
import { Closed } from '../../src/core/failures';
import { Database } from '../../src/db/database';
import { migrate } from '../../src/db/tables';
import { sqlite } from '../support/device';

async function opened(): Promise<Database> {
  const driver = sqlite();
  await migrate(driver);
  return new Database(driver);
}

const add = (key: string) => ['INSERT INTO meta (key, value) VALUES (?, ?)', key, 'x'] as const;
const keys = async (db: Database) =>
  (await db.all<{ key: string }>('SELECT key FROM meta ORDER BY key')).map((r) => r.key);

test('a transaction that fails leaves nothing, and does not touch the one after it', async () => {
  const db = await opened();
  const failing = db.tx(async (tx) => {
    await tx.run(...add('a'));
    throw new Error('no');
  });
  const next = db.tx((tx) => tx.run(...add('b')));
  await expect(failing).rejects.toThrow('no');
  await next;
  expect(await keys(db)).toEqual(['b']);
});

test('two transactions at once run one after the other', async () => {
  const db = await opened();
  const order: string[] = [];
  const one = (name: string) =>
    db.tx(async (tx) => {
      order.push(`${name} begins`);
      await tx.run(...add(name));
      await new Promise((done) => setTimeout(done, 2));
      order.push(`${name} ends`);
    });
  await Promise.all([one('a'), one('b')]);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('who listens hears once, after the commit, of the tables that have changed', async () => {
  const db = await opened();
  const heard: string[][] = [];
  const stop = db.onCommit((changed) => heard.push([...changed]));
  await db.tx(async (tx) => {
    await tx.run(...add('a'));
    await tx.run(...add('b'));
    await tx.run("UPDATE conversations SET draft = ''");
    expect(heard).toEqual([]);
  });
  await db
    .tx(async (tx) => {
      await tx.run(...add('c'));
      throw new Error('no');
    })
    .catch(() => {});
  stop();
  await db.tx((tx) => tx.run(...add('d')));
  expect(heard).toEqual([['meta', 'conversations']]);
});

test('nothing is written after closing, not even by a transaction that was running', async () => {
  const driver = sqlite();
  await migrate(driver);
  const kept = { ...driver, close: async () => {} };
  const db = new Database(kept);
  const late = db.tx(async (tx) => {
    await tx.run(...add('late'));
    await new Promise((done) => setTimeout(done, 5));
  });
  const refused = expect(late).rejects.toBeInstanceOf(Closed);
  await new Promise((done) => setTimeout(done, 1));
  await db.close();
  await refused;
  await expect(db.tx((tx) => tx.run(...add('later')))).rejects.toBeInstanceOf(Closed);
  await expect(db.all('SELECT 1')).rejects.toBeInstanceOf(Closed);
  expect(await driver.all('SELECT * FROM meta', [])).toEqual([]);
});

test('a file of a newer version is refused and not harmed', async () => {
  const driver = sqlite();
  await migrate(driver);
  await migrate(driver); // again is nothing
  await driver.run('PRAGMA user_version = 99', []);
  await expect(migrate(driver)).rejects.toThrow('newer version');
});
