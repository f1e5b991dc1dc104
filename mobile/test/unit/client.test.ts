import { describe, expect, test } from 'vitest';
import { NoAnswer, Refused } from '../../src/core/failures';
import type { Fetch } from '../../src/core/ports';
import { RestClient } from '../../src/transport/rest/client';
import { quiet, Time } from '../support/device';

function answering(fetch: Fetch) {
  const time = new Time();
  return { time, client: new RestClient('http://service', fetch, time.scheduler) };
}
const replying = (status: number, body: string, headers: Record<string, string> = {}) =>
  answering(() => Promise.resolve(new Response(body, { status, headers }))).client;
const get = { method: 'GET', path: '/v1/users/me' } as const;

describe('a request', () => {
  test('carries the token and the body, and gives the data', async () => {
    const seen: [string, RequestInit][] = [];
    const { client } = answering((url, init) => {
      seen.push([url, init]);
      return Promise.resolve(new Response('{"data": {"a": 1, "unknown": 2}}', { status: 201 }));
    });
    expect(await client.send({ method: 'POST', path: '/v1/x', body: { b: 'ü' } }, 'token')).toEqual({
      a: 1,
      unknown: 2,
    });
    const [url, init] = seen[0]!;
    expect(url).toBe('http://service/v1/x');
    expect(init.body).toBe('{"b":"ü"}');
    expect(new Headers(init.headers).get('Authorization')).toBe('Bearer token');
  });

  test('that is refused tells the code, the details and how long to wait', async () => {
    const body = '{"error": {"code": "rate_limited", "message": "slow down", "details": [1]}}';
    await expect(replying(429, body, { 'Retry-After': '7' }).send(get)).rejects.toMatchObject({
      ...{ name: 'Refused', status: 429, code: 'rate_limited', message: 'slow down' },
      ...{ details: [1], retryAfterSeconds: 7 },
    });
  });

  test.each([
    ['a captive portal', 200, '<html>Welcome to our hotel</html>'],
    ['a proxy without the service', 502, 'Bad Gateway'],
    ['JSON of somebody else', 200, '{"ok": true}'],
    ['an error of somebody else', 403, '{"message": "no"}'],
    ['a list', 200, '[]'],
    ['nothing', 200, ''],
    ['an answer that is cut off', 200, '{"data": {"a'],
  ])('that %s answers has no answer', async (_who, status, body) => {
    await expect(replying(status, body).send(get)).rejects.toBeInstanceOf(NoAnswer);
  });

  test.each(['soon', '-1', 'Wed, 21 Oct 2026 07:28:00 GMT'])('waits for no "%s"', async (header) => {
    const body = '{"error": {"code": "try_again", "message": ""}}';
    const refused = await replying(503, body, { 'Retry-After': header })
      .send(get)
      .catch((failure: unknown) => failure);
    expect(refused).toBeInstanceOf(Refused);
    expect((refused as Refused).retryAfterSeconds).toBe(0);
  });

  test('that is never answered is given up, and so is one that is called off', async () => {
    const never: Fetch = (_url, init) =>
      new Promise((_resolve, reject) =>
        init.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
      );
    const { client, time } = answering(never);
    const late = expect(client.send(get)).rejects.toBeInstanceOf(NoAnswer);
    await time.pass(20_000);
    await late;
    const ending = new AbortController();
    const off = expect(client.send({ ...get, signal: ending.signal })).rejects.toBeInstanceOf(NoAnswer);
    await quiet();
    ending.abort();
    await off;
    await expect(client.send({ ...get, signal: ending.signal })).rejects.toBeInstanceOf(NoAnswer);
  });
});
