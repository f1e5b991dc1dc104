import { expect, test } from 'vitest';
import { FakeService } from '../support/fakeService';
import { Phone } from '../support/phone';

async function talking(messages: number) {
  const service = new FakeService();
  const [me, ben] = [service.register('me'), service.register('ben')];
  const conversation = service.direct(me.id, ben.id);
  const write = (count: number) => {
    for (let n = 0; n < count; n += 1)
      service.post(conversation, ben.id, `message ${conversation.messages.length + 1}`);
  };
  write(messages);
  const phone = await new Phone(service, me).start();
  const row = async () => (await phone.account.conversations.list())[0]!;
  const questions = () => service.requests.filter((request) => request.path === '/v1/sync/changes').length;
  return { service, me, ben, conversation, write, phone, row, questions };
}
const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => `message ${first + at}`);

test('a new device gets the latest messages, all read, and the rest on scrolling', async () => {
  const { phone, conversation, row } = await talking(10);
  expect(await phone.shown(conversation.id)).toEqual(from(8, 10));
  expect(await row()).toMatchObject({ unread: 0, preview: 'message 10', headSeq: 10 });
  expect((await phone.account.messages.latest(conversation.id, 50)).hasEarlier).toBe(true);
  await phone.readAll(conversation.id);
  expect(await phone.shown(conversation.id)).toEqual(from(1, 10));
  expect((await phone.account.messages.latest(conversation.id, 50)).hasEarlier).toBe(false);
});

test('ok: what is new comes, over as many answers as it takes, and is unread', async () => {
  const { phone, conversation, row, write, questions } = await talking(3);
  const before = questions();
  write(11);
  await phone.account.engine.pull();
  expect(questions() - before).toBe(3); // five a time
  expect(await phone.shown(conversation.id)).toEqual(from(1, 14));
  expect((await row()).unread).toBe(11);
  await phone.account.conversations.markRead(conversation.id, 14);
  expect((await row()).unread).toBe(0);
});

test('limited: the latest come, what lies between is a gap that is filled on scrolling', async () => {
  const { phone, conversation, row, write } = await talking(3);
  write(70);
  await phone.account.engine.pull();
  expect(await phone.shown(conversation.id)).toEqual([...from(1, 3), '…', ...from(71, 73)]);
  expect((await row()).unread).toBe(70);
  await phone.readAll(conversation.id);
  expect(await phone.shown(conversation.id)).toEqual(from(1, 73));
});

test('joined: a conversation that somebody else began is there, unread', async () => {
  const { phone, service, me } = await talking(1);
  const cat = service.register('cat');
  service.post(service.direct(cat.id, me.id), cat.id, 'hello');
  await phone.account.engine.pull();
  const [newest] = await phone.account.conversations.list();
  expect(newest).toMatchObject({ peer: { username: 'cat' }, unread: 1, preview: 'hello' });
});

test('reset: what the service took back is gone, what waits in the outbox stays', async () => {
  const { phone, service, conversation } = await talking(6);
  service.fault = ({ path }) => (path.endsWith('/messages') ? 'lost_request' : 'none');
  await phone.account.messages.send(conversation.id, 'mine');
  conversation.messages.splice(4); // without a word of a new history
  await phone.account.engine.pull();
  expect(await phone.shown(conversation.id)).toEqual([...from(2, 4), 'sending: mine']);
});

test('gone: a conversation that is no longer mine goes, but for what I have not sent', async () => {
  const { phone, service, conversation, ben } = await talking(2);
  service.fault = ({ path }) => (path.endsWith('/messages') ? 'lost_request' : 'none');
  await phone.account.messages.send(conversation.id, 'mine');
  service.conversations = [];
  await phone.account.engine.pull();
  expect(await phone.shown(conversation.id)).toEqual(['sending: mine']);
  service.fault = () => 'none';
  await phone.pass(120_000);
  const again = service.direct(phone.user.id, ben.id);
  expect(again.messages.map((message) => message.content)).toEqual(['mine']);
  expect(await phone.shown(conversation.id)).toEqual(['mine']); // by its old id too
});

test('gone: with nothing of mine in it nothing stays', async () => {
  const { phone, service } = await talking(2);
  service.conversations = [];
  await phone.account.engine.pull();
  expect(await phone.account.conversations.list()).toEqual([]);
});

test('an unknown status is left untouched, and does not make it ask for ever', async () => {
  const { phone, service, conversation, write, questions } = await talking(2);
  write(1);
  service.rewrite = (path, data) =>
    path === '/v1/sync/changes'
      ? {
          ...(data as object),
          has_more: true,
          conversations: { [conversation.id]: { status: 'folded', more: 1 } },
        }
      : data;
  const before = questions();
  await phone.account.engine.pull();
  expect(questions() - before).toBe(1);
  expect(await phone.shown(conversation.id)).toEqual(from(1, 2));
  service.rewrite = (_path, data) => data;
  await phone.account.engine.pull();
  expect(await phone.shown(conversation.id)).toEqual(from(1, 3));
});

test('a conversation of an unknown type is kept as a placeholder', async () => {
  const { phone, service, row, write } = await talking(1);
  const changed = (data: unknown) =>
    JSON.parse(JSON.stringify(data).replaceAll('"direct"', '"channel"')) as unknown;
  service.rewrite = (_path, data) => changed(data);
  write(1);
  await phone.account.engine.pull();
  expect(await row()).toMatchObject({ kind: 'unsupported', preview: 'message 2' });
});

test('an answer that is older than what is held changes nothing', async () => {
  const { phone, service, conversation, write } = await talking(1);
  let old: unknown;
  write(1);
  service.rewrite = (path, data) => (path === '/v1/sync/changes' ? (old ??= data) : data);
  await phone.account.engine.pull();
  service.rewrite = (_path, data) => data;
  write(2);
  await phone.account.engine.pull();
  service.rewrite = (path, data) =>
    path === '/v1/sync/changes' ? { ...(old as object), has_more: false } : data;
  await phone.account.engine.pull();
  expect(await phone.shown(conversation.id)).toEqual(from(1, 4));
});

test.each([
  ['a hole in the messages', (item: { messages: { seq: number }[] }) => item.messages.splice(1, 1)],
  ['messages that begin too late', (item: { messages: { seq: number }[] }) => item.messages.shift()],
  [
    'a message without a sender',
    (item: { messages: object[] }) => delete (item.messages[0] as { sender_id?: string }).sender_id,
  ],
])('an answer with %s is not believed', async (_name, spoil) => {
  const { phone, service, conversation, write } = await talking(1);
  write(3);
  service.rewrite = (path, data) => {
    if (path !== '/v1/sync/changes') return data;
    const copy = JSON.parse(JSON.stringify(data)) as {
      conversations: Record<string, { messages: { seq: number }[] }>;
    };
    for (const item of Object.values(copy.conversations)) spoil(item);
    return copy;
  };
  await phone.account.engine.pull();
  expect(await phone.shown(conversation.id)).toEqual(from(1, 1));
  service.rewrite = (_path, data) => data;
  await phone.account.engine.pull();
  expect(await phone.shown(conversation.id)).toEqual(from(1, 4));
});

test('more conversations than one question may name are asked for in parts, and new ones are found', async () => {
  const { phone, service, me, ben } = await talking(1);
  const { syncMessages } = await import('../../src/sync/messageSync');
  service.maxEntries = 2;
  const others = Array.from({ length: 5 }, (_, at) => service.register(`other${at}`));
  for (const other of others.slice(0, 4)) service.post(service.direct(me.id, other.id), other.id, 'one');
  await phone.account.engine.pull();
  for (const one of service.conversations)
    service.post(
      one,
      one.members.find((id) => id !== me.id)!,
      'two',
    );
  service.post(service.direct(me.id, others[4]!.id), others[4]!.id, 'new');
  await syncMessages(phone.account.send, phone.account.mirror, undefined, 2);
  const listed = await phone.account.conversations.list();
  expect(listed.map((one) => one.preview).sort()).toEqual(['new', 'two', 'two', 'two', 'two', 'two']);
  expect(listed.every((one) => one.peer !== null)).toBe(true);
  expect(listed.some((one) => one.peer?.id === ben.id)).toBe(true);
});

test('an answer with nothing new writes nothing, and no screen reads again', async () => {
  const { phone } = await talking(1);
  const heard: string[][] = [];
  phone.account.onCommit((changed) => heard.push([...changed]));
  await phone.account.engine.pull();
  expect(heard).toEqual([]);
});

test('who has answered on another device has read what came before', async () => {
  const { phone, service, me, ben, conversation, write, row } = await talking(3);
  write(40);
  service.post(conversation, me.id, 'answered elsewhere');
  service.post(conversation, ben.id, 'and one more');
  await phone.account.engine.pull(); // limited
  await phone.readAll(conversation.id);
  expect((await row()).unread).toBe(1);
});
