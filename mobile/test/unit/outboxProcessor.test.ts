import { expect, test } from 'vitest';
import { FakeService, type Fault } from '../support/fakeService';
import { Phone } from '../support/phone';

async function writing() {
  const service = new FakeService();
  const [me, ben, cat] = [service.register('me'), service.register('ben'), service.register('cat')];
  const toBen = service.direct(me.id, ben.id);
  const toCat = service.direct(me.id, cat.id);
  const phone = await new Phone(service, me).start();
  const write = async (conversation: { id: string }, ...contents: string[]) => {
    for (const content of contents) await phone.account.messages.send(conversation.id, content);
  };
  const posts = () =>
    service.requests.filter(({ method, path }) => method === 'POST' && /messages/.test(path));
  const sent = (conversation: { messages: { content: string }[] }) =>
    conversation.messages.map((one) => one.content);
  return { service, me, ben, cat, toBen, toCat, phone, write, posts, sent };
}
const numbered = (count: number) => Array.from({ length: count }, (_, at) => String(at + 1));

test('a message is shown at once, sent, and then told apart from one that waits', async () => {
  const { phone, write, toBen, sent } = await writing();
  await write(toBen, 'hello');
  expect(await phone.shown(toBen.id)).toEqual(['sending: hello']);
  expect((await phone.account.conversations.list())[0]).toMatchObject({
    preview: 'hello',
    previewIsMine: true,
    waiting: 1,
  });
  await phone.account.engine.push();
  expect(await phone.shown(toBen.id)).toEqual(['hello']);
  expect(sent(toBen)).toEqual(['hello']);
  expect((await phone.account.conversations.list())[0]).toMatchObject({ waiting: 0, headSeq: 1, unread: 0 });
});

test('a lost answer makes no second message', async () => {
  const { phone, service, write, toBen, sent, posts } = await writing();
  let lost = 2;
  service.fault = ({ path }) => (path.endsWith('/messages') && lost-- > 0 ? 'lost_answer' : 'none');
  await write(toBen, 'once');
  await phone.account.engine.push();
  await phone.pass(20_000);
  expect(posts().length).toBe(3);
  expect(sent(toBen)).toEqual(['once']);
  expect(await phone.shown(toBen.id)).toEqual(['once']);
});

test('after a long absence all goes in batches, in order', async () => {
  const { phone, write, toBen, toCat, sent, posts } = await writing();
  await write(toBen, ...numbered(150));
  await write(toCat, 'a', 'b');
  await phone.account.engine.push();
  expect(posts().map(({ path }) => path)).toEqual(['/v1/messages/batch', '/v1/messages/batch']);
  expect(sent(toBen)).toEqual(numbered(150));
  expect(sent(toCat)).toEqual(['a', 'b']);
});

test('a batch that is too large is halved, and no message fails for it', async () => {
  const { phone, service, write, toBen, sent, posts } = await writing();
  const fetch = phone.device.fetch;
  service.fault = ({ path }): Fault => {
    const tooLarge = path === '/v1/messages/batch' && batches++ < 2;
    return tooLarge ? { status: 413, code: 'payload_too_large' } : 'none';
  };
  let batches = 0;
  await write(toBen, ...numbered(40));
  await phone.account.engine.push();
  expect(sent(toBen)).toEqual(numbered(40));
  expect(posts()[0]?.body).toMatchObject({ messages: { length: 10 } });
  expect(fetch).toBeDefined();
});

test('a batch over which the service fails goes one by one, and only the culprit waits', async () => {
  const { phone, service, write, toBen, toCat, sent } = await writing();
  const answer = service.fetch;
  const phoneFetch: typeof answer = (url, init) => {
    const poisoned = typeof init.body === 'string' && init.body.includes('poison');
    if (!poisoned) return answer(url, init);
    const error = { error: { code: 'internal_error', message: '' } };
    return Promise.resolve(new Response(JSON.stringify(error), { status: 500 }));
  };
  Object.assign(phone.app.rest, { fetch: phoneFetch });
  await write(toBen, 'poison', 'after it');
  await write(toCat, ...numbered(8));
  await phone.account.engine.push();
  await phone.pass(100);
  expect(sent(toCat)).toEqual(numbered(8));
  expect(sent(toBen)).toEqual([]);
  expect(await phone.shown(toBen.id)).toEqual(['sending: poison', 'sending: after it']);
});

test("a permanent refusal is shown, and is in nobody's way; it can be tried again or given up", async () => {
  const { phone, service, write, toBen, toCat, sent, ben } = await writing();
  await write(toBen, 'to nobody');
  await write(toCat, 'to cat');
  const gone = service.users.indexOf(ben);
  service.users.splice(gone, 1);
  await phone.account.engine.push();
  expect(await phone.shown(toBen.id)).toEqual(['failed: to nobody']);
  expect(sent(toCat)).toEqual(['to cat']);
  expect((await phone.account.conversations.one(toBen.id))?.failed).toBe(1);

  service.users.push(ben);
  const { items } = await phone.account.messages.latest(toBen.id, 10);
  const failed = items[0]?.kind === 'message' ? items[0].message.clientMessageId : '';
  await phone.account.messages.retry(failed);
  await phone.account.engine.push();
  expect(await phone.shown(toBen.id)).toEqual(['to nobody']);
  await phone.account.messages.discard(failed); // too late: it is sent
  expect(await phone.shown(toBen.id)).toEqual(['to nobody']);
});

test('a failed message that is given up is gone', async () => {
  const { phone, service, write, toBen } = await writing();
  service.fault = ({ path }) =>
    path.endsWith('/messages') ? { status: 422, code: 'invalid_request' } : 'none';
  await write(toBen, 'no');
  await phone.account.engine.push();
  const { items } = await phone.account.messages.latest(toBen.id, 10);
  if (items[0]?.kind !== 'message') throw new Error('nothing is shown');
  await phone.account.messages.discard(items[0].message.clientMessageId);
  expect(await phone.shown(toBen.id)).toEqual([]);
  expect(await phone.account.conversations.countUnsent()).toBe(0);
});

test("a conversation's messages stay in order when the first one has to wait", async () => {
  const { phone, service, write, toBen, sent } = await writing();
  let refused = 1;
  service.fault = ({ path }) =>
    path.endsWith('/messages') && refused-- > 0 ? { status: 503, code: 'try_again' } : 'none';
  await write(toBen, 'first', 'second');
  await phone.account.engine.push();
  expect(sent(toBen)).toEqual([]);
  await phone.pass(5_000);
  expect(sent(toBen)).toEqual(['first', 'second']);
});

test('Retry-After is kept to, and the network that comes back makes it try at once', async () => {
  const { phone, service, write, toBen, sent } = await writing();
  service.fault = ({ path }) =>
    path.endsWith('/messages') ? { status: 429, code: 'rate_limited', retryAfter: 30 } : 'none';
  await write(toBen, 'patience');
  await phone.account.engine.push();
  service.fault = () => 'none';
  phone.account.engine.retryNow(); // nor does impatience help
  await phone.pass(29_000);
  expect(sent(toBen)).toEqual([]);
  await phone.pass(3_000);
  expect(sent(toBen)).toEqual(['patience']);

  service.fault = () => 'lost_request';
  await write(toBen, 'offline');
  await phone.account.engine.push();
  service.fault = () => 'none';
  phone.device.network.set(false);
  phone.device.network.set(true);
  await phone.pass(10);
  expect(sent(toBen)).toEqual(['patience', 'offline']);
});

test('a conversation begun offline is opened with its first message, and goes on under its new id', async () => {
  const { phone, service, sent } = await writing();
  const dan = service.register('dan');
  service.fault = () => 'lost_request';
  const id = await phone.account.conversations.begin({ id: dan.id, username: 'dan', displayName: 'Dan' });
  expect(await phone.account.conversations.begin({ id: dan.id, username: 'dan', displayName: 'Dan' })).toBe(
    id,
  );
  await phone.account.messages.send(id, 'one');
  await phone.account.messages.send(id, 'two');
  await phone.account.conversations.saveDraft(id, 'three');
  await phone.account.engine.push();
  expect(await phone.shown(id)).toEqual(['sending: one', 'sending: two']);
  service.fault = () => 'none';
  await phone.pass(120_000);
  const conversation = service.direct(phone.user.id, dan.id);
  expect(sent(conversation)).toEqual(['one', 'two']);
  expect(await phone.shown(id)).toEqual(['one', 'two']);
  expect(await phone.account.conversations.one(id)).toMatchObject({ id: conversation.id, draft: 'three' });
});

test('what waits survives a restart', async () => {
  const { phone, service, write, toBen, sent } = await writing();
  service.fault = () => 'lost_request';
  await write(toBen, 'later');
  await phone.account.engine.push();
  await phone.restart();
  expect(await phone.shown(toBen.id)).toEqual(['sending: later']);
  service.fault = () => 'none';
  await phone.pass(120_000);
  expect(sent(toBen)).toEqual(['later']);
});

test('a pull that is faster than the answer takes the message out of the outbox', async () => {
  const { phone, service, write, toBen, posts } = await writing();
  service.fault = ({ path }) => (path.endsWith('/messages') ? 'lost_answer' : 'none');
  await write(toBen, 'hello');
  await phone.account.engine.push();
  await phone.account.engine.pull();
  expect(await phone.shown(toBen.id)).toEqual(['hello']);
  expect(await phone.account.conversations.countUnsent()).toBe(0);
  const before = posts().length;
  await phone.pass(60_000);
  expect(posts().length).toBe(before);
});
