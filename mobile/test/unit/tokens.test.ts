import { describe, expect, test } from 'vitest';
import { NoAnswer, SessionEnded } from '../../src/core/failures';
import type { StoredAccount } from '../../src/core/ports';
import { RestClient } from '../../src/transport/rest/client';
import { AccountTokens } from '../../src/transport/rest/tokens';
import { device } from '../support/device';
import { FakeService } from '../support/fakeService';

function signedIn() {
  const service = new FakeService();
  const user = service.register('ana');
  const phone = device(service.fetch);
  const { refresh_token: refreshToken, session_id: sessionId } = service.signIn(user.id);
  const account: StoredAccount = {
    userId: user.id,
    username: 'ana',
    displayName: 'Ana',
    sessionId,
    refreshToken,
  };
  phone.tokenStore.account = account;
  const ended: string[] = [];
  const rest = new RestClient('http://service', phone.fetch, phone.scheduler);
  const tokens = new AccountTokens(rest, phone.tokenStore, phone.clock, account, () => ended.push('ended'));
  const ask = () => tokens.send<object>({ method: 'GET', path: '/v1/conversations' });
  const refreshes = () => service.requests.filter((request) => request.path === '/v1/auth/refresh').length;
  return { service, phone, tokens, ended, ask, refreshes, user };
}

describe('tokens', () => {
  test('ten requests at once need one refresh, and the new token is stored', async () => {
    const { ask, refreshes, phone, service } = signedIn();
    await Promise.all(Array.from({ length: 10 }, ask));
    expect(refreshes()).toBe(1);
    expect(phone.tokenStore.account?.refreshToken).toBe(service.sessions[0]?.refreshTokens[1]);
  });

  test('an access token that is refused is renewed once, and every request succeeds', async () => {
    const { ask, refreshes, service } = signedIn();
    await ask();
    service.expireAccessTokens();
    await Promise.all([ask(), ask(), ask()]);
    expect(refreshes()).toBe(2);
  });

  test('a token is renewed before it expires', async () => {
    const { ask, refreshes, phone, service } = signedIn();
    await ask();
    await phone.time.pass(860_000);
    await ask();
    expect(refreshes()).toBe(1);
    await phone.time.pass(20_000);
    await ask();
    expect(refreshes()).toBe(2);
    expect(service.requests.at(-1)?.path).toBe('/v1/conversations');
  });

  test('the new refresh token is stored before its access token is used', async () => {
    const { ask, phone, service } = signedIn();
    const stored: (string | null | undefined)[] = [];
    const save = phone.tokenStore.save;
    phone.tokenStore.save = async (account) => {
      await save(account);
      stored.push(service.requests.at(-1)?.path);
    };
    await ask();
    expect(stored).toEqual(['/v1/auth/refresh']);
  });

  test('a lost answer to a refresh signs nobody out: the old token is still good', async () => {
    const { ask, ended, service } = signedIn();
    service.fault = ({ path }) => (path === '/v1/auth/refresh' ? 'lost_answer' : 'none');
    await expect(ask()).rejects.toBeInstanceOf(NoAnswer);
    await expect(ask()).rejects.toBeInstanceOf(NoAnswer);
    service.fault = () => 'none';
    await ask();
    expect(ended).toEqual([]);
  });

  test.each([503, 429, 500])('a refresh that is refused with %i ends nothing', async (status) => {
    const { ask, ended, service, phone } = signedIn();
    service.fault = () => ({ status, code: 'try_again' });
    await expect(ask()).rejects.toMatchObject({ status });
    expect(ended).toEqual([]);
    expect(phone.tokenStore.account?.refreshToken).not.toBeNull();
  });

  test('a session that has ended is told once, and its token is gone, but not the account', async () => {
    const { ask, ended, service, phone, user } = signedIn();
    await ask();
    service.endSessions(user.id);
    const asked = await Promise.allSettled([ask(), ask(), ask()]);
    expect(asked.every((one) => one.status === 'rejected' && one.reason instanceof SessionEnded)).toBe(true);
    expect(ended).toEqual(['ended']);
    expect(phone.tokenStore.account).toMatchObject({ username: 'ana', refreshToken: null });
  });

  test('a refused refresh does not touch the token that somebody else stored meanwhile', async () => {
    const { ask, ended, service, phone, user } = signedIn();
    service.endSessions(user.id);
    const asking = ask();
    phone.tokenStore.account = { ...phone.tokenStore.account!, refreshToken: 'of the next sign-in' };
    await expect(asking).rejects.toBeInstanceOf(SessionEnded);
    expect(phone.tokenStore.account.refreshToken).toBe('of the next sign-in');
    expect(ended).toEqual(['ended']);
  });

  test('once closed, an answer that comes late stores nothing', async () => {
    const { ask, phone, tokens } = signedIn();
    const before = { ...phone.tokenStore.account };
    const asking = ask();
    tokens.close();
    await expect(asking).rejects.toThrow();
    expect(phone.tokenStore.account).toEqual(before);
  });
});
