import { expect, test } from 'vitest';
import { accountOf, createApp } from '../../src/usecases/app';
import { resume } from '../../src/usecases/resume';
import { register, signIn } from '../../src/usecases/signIn';
import { signOut } from '../../src/usecases/signOut';
import { sendMessage } from '../../src/usecases/sendMessage';
import { device, quiet } from '../support/device';
import { FakeService } from '../support/fakeService';

const PASSWORD = 'a long password';

async function fresh() {
  const service = new FakeService();
  const phone = device(service.fetch);
  const app = createApp(phone);
  await resume(app);
  const kind = () => app.session.getState().kind;
  const enter = async (username: string) => {
    await signIn(app, { username, password: PASSWORD });
    await quiet();
  };
  const account = () => accountOf(app)!;
  return { service, phone, app, kind, enter, account };
}

test('signing in fills an empty device; signing out empties it and ends the session', async () => {
  const { service, phone, app, kind, enter, account } = await fresh();
  const [ana, ben] = [service.register('ana', PASSWORD), service.register('ben', PASSWORD)];
  service.post(service.direct(ana.id, ben.id), ben.id, 'hello');
  expect(kind()).toBe('signed_out');
  await enter('ana');
  expect(await account().conversations.list()).toMatchObject([{ preview: 'hello' }]);
  await signOut(app);
  await quiet();
  expect(kind()).toBe('signed_out');
  expect(phone.tokenStore).toMatchObject({ account: null, left: [] });
  expect(service.sessions.map((session) => session.ended)).toEqual([true]);
  service.fault = () => 'lost_request';
  const driver = await phone.files.open(`chatsvc-${ana.id}.db`);
  expect(await driver.all("SELECT name FROM sqlite_schema WHERE type = 'table'", [])).toEqual([]);
  await driver.close();
  expect(phone.defects).toEqual([]);
});

test('a wrong password changes nothing', async () => {
  const { service, app, kind, phone } = await fresh();
  service.register('ana', PASSWORD);
  await expect(signIn(app, { username: 'ana', password: 'no' })).rejects.toMatchObject({
    code: 'invalid_credentials',
  });
  expect(kind()).toBe('signed_out');
  expect(phone.tokenStore.account).toBeNull();
});

test('signing out offline is at once; the session ends when the service can be reached', async () => {
  const { service, phone, app, enter, kind } = await fresh();
  service.register('ana', PASSWORD);
  await enter('ana');
  service.fault = () => 'lost_request';
  await signOut(app);
  await quiet();
  expect(kind()).toBe('signed_out');
  expect(phone.tokenStore.left.length).toBe(1);
  expect(service.sessions[0]?.ended).toBe(false);
  service.fault = () => 'none';
  phone.network.set(false);
  phone.network.set(true);
  await quiet();
  expect(service.sessions[0]?.ended).toBe(true);
  expect(phone.tokenStore.left).toEqual([]);
});

test('a session that the service ended deletes nothing: the same person finds it all, and what waited is sent', async () => {
  const { service, phone, app, enter, kind, account } = await fresh();
  const [ana, ben] = [service.register('ana', PASSWORD), service.register('ben', PASSWORD)];
  service.register('cat', PASSWORD);
  const conversation = service.direct(ana.id, ben.id);
  service.post(conversation, ben.id, 'hello');
  await enter('ana');
  service.fault = ({ path }) => (path.endsWith('/messages') ? 'lost_request' : 'none');
  await sendMessage(app, conversation.id, 'waits');
  await account().conversations.saveDraft(conversation.id, 'half');
  service.endSessions(ana.id);
  await phone.time.pass(60_000);
  expect(app.session.getState()).toMatchObject({ kind: 'ended', me: { username: 'ana' }, unsent: 1 });

  const again = createApp(phone); // and after a restart
  await resume(again);
  expect(again.session.getState()).toMatchObject({ kind: 'ended', me: { username: 'ana' }, unsent: 1 });

  await enter('cat'); // somebody else in between sees nothing of it
  expect(await account().conversations.list()).toEqual([]);
  await signOut(app);

  service.fault = () => 'none';
  const bootstraps = () =>
    service.requests.filter(({ path }) => path.startsWith('/v1/sync/bootstrap')).length;
  const before = bootstraps();
  await enter('ana');
  expect(kind()).toBe('signed_in');
  expect(conversation.messages.map((message) => message.content)).toEqual(['hello', 'waits']);
  expect(await account().conversations.one(conversation.id)).toMatchObject({ draft: 'half', waiting: 0 });
  expect(bootstraps()).toBe(before);
});

test('a signed-out client writes nothing late', async () => {
  const { service, phone, app, enter } = await fresh();
  const [ana, ben] = [service.register('ana', PASSWORD), service.register('ben', PASSWORD)];
  service.direct(ana.id, ben.id);
  await enter('ana');
  service.post(service.direct(ana.id, ben.id), ben.id, 'late');
  let release = () => {};
  const held = new Promise<void>((done) => (release = done));
  const fetch = service.fetch;
  Object.assign(app.rest, {
    fetch: async (url: string, init: RequestInit) => {
      const answer = await fetch(url, { ...init, signal: null });
      if (url.endsWith('/changes')) await held;
      return answer;
    },
  });
  const pulling = accountOf(app)!.engine.pull();
  await quiet();
  const leaving = signOut(app);
  release();
  await leaving;
  await pulling;
  await quiet();
  expect(phone.tokenStore.account).toBeNull();
  const driver = await phone.files.open(`chatsvc-${ana.id}.db`);
  expect(await driver.all("SELECT name FROM sqlite_schema WHERE type = 'table'", [])).toEqual([]);
  await driver.close();
  expect(phone.defects).toEqual([]);
});

test('a registration whose answer is lost is not lost: the same name and password open it', async () => {
  const { service, app, kind } = await fresh();
  const who = { username: 'ana', password: PASSWORD, displayName: null };
  service.fault = () => 'lost_answer';
  await expect(register(app, who)).rejects.toThrow();
  service.fault = () => 'none';
  await register(app, who);
  expect(kind()).toBe('signed_in');
  expect(service.users.length).toBe(1);
});

test('a name that somebody else has is told as taken, also after a lost answer', async () => {
  const { service, app, kind } = await fresh();
  service.register('ana', 'another password');
  const who = { username: 'ana', password: PASSWORD, displayName: null };
  await expect(register(app, who)).rejects.toMatchObject({ code: 'username_taken' });
  service.fault = () => 'lost_answer';
  await expect(register(app, who)).rejects.toThrow();
  service.fault = () => 'none';
  await expect(register(app, who)).rejects.toMatchObject({ code: 'username_taken' });
  expect(kind()).toBe('signed_out');
});

test('without a network, who was signed in still is, and sees what is here', async () => {
  const { service, phone, enter } = await fresh();
  const [ana, ben] = [service.register('ana', PASSWORD), service.register('ben', PASSWORD)];
  service.post(service.direct(ana.id, ben.id), ben.id, 'hello');
  await enter('ana');
  service.fault = () => 'lost_request';
  const again = createApp(phone);
  await resume(again);
  await quiet();
  expect(again.session.getState().kind).toBe('signed_in');
  expect(await accountOf(again)!.conversations.list()).toMatchObject([{ preview: 'hello' }]);
  expect(again.ui.getState().reachable).toBe(false);
});
