import { describe, expect, test } from 'vitest';
import { backoff } from '../../src/core/backoff';
import { Coalesced } from '../../src/core/coalesced';
import { contentProblem } from '../../src/core/text';
import { keptIn } from '../../src/platform/keptAccount';

describe('what can be a message', () => {
  test.each(['a', ' a ', '\u{1F600}'.repeat(4_000), 'a\u0301', '\u200b', '\ufeff'])('%j', (text) => {
    expect(contentProblem(text)).toBeNull();
  });
  test.each([
    ['', 'blank'],
    [' \n\t\u00a0\u3000\u2028', 'blank'],
    ['a'.repeat(4_001), 'too_long'],
    ['a\0', 'unstorable'],
    ['a\ud800', 'unstorable'],
    ['\udc00a', 'unstorable'],
  ])('not %j', (text, problem) => {
    expect(contentProblem(text)).toBe(problem);
  });
});

test('each failure waits for longer, at random, up to a minute, and never for less than the service asks', () => {
  const longest = [1, 2, 3, 4, 10].map((failures) => backoff(failures, () => 0.999_999));
  expect(longest.map(Math.round)).toEqual([1_000, 2_000, 4_000, 8_000, 60_000]);
  expect(backoff(10, () => 0)).toBe(250);
  expect(backoff(1, () => 0, 30)).toBe(30_250);
});

test('a request that comes while the last run ends is not lost', async () => {
  let runs = 0;
  const work = new Coalesced(async () => {
    runs += 1;
    await Promise.resolve();
  });
  const first = work.run();
  await first.then(() => work.run());
  expect(runs).toBe(2);
  await Promise.all([work.run(), work.run(), work.run()]);
  expect(runs).toBe(4); // the one that ran, and one for all who came meanwhile
});

describe('what is kept of an account', () => {
  const kept = (text: string | null) => {
    const places = new Map(text === null ? [] : [['chatsvc.account', text]]);
    return keptIn({
      get: (key) => Promise.resolve(places.get(key) ?? null),
      set: (key, value) => Promise.resolve(void places.set(key, value)),
      remove: (key) => Promise.resolve(void places.delete(key)),
    });
  };
  const account = { userId: 'u', username: 'ana', displayName: 'Ana', sessionId: 's', refreshToken: 'r' };

  test('comes back', async () => {
    const store = kept(null);
    expect(await store.load()).toBeNull();
    await store.save(account);
    expect(await store.load()).toEqual(account);
    await store.saveLeft(['a', 'b']);
    expect(await store.loadLeft()).toEqual(['a', 'b']);
    await store.clear();
    expect(await store.load()).toBeNull();
  });

  test.each(['', '{', 'null', '[]', '{"userId": 1}', '{"userId": "u"}'])('%j is nobody', async (text) => {
    expect(await kept(text).load()).toBeNull();
  });
});
