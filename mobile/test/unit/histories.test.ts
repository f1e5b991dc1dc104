/** `sync_epoch_changed`: the operator restored a backup. */

import { expect, test } from 'vitest';
import { FakeService } from '../support/fakeService';
import { Phone } from '../support/phone';

async function before(history: number) {
  const service = new FakeService();
  const [me, ben] = [service.register('me'), service.register('ben')];
  const conversation = service.direct(me.id, ben.id);
  for (let n = 1; n <= history; n += 1) service.post(conversation, ben.id, `old ${n}`);
  const phone = await new Phone(service, me).start();
  const write = async (id: string, ...contents: string[]) => {
    for (const content of contents) await phone.account.messages.send(id, content);
    await phone.account.engine.push();
  };
  const sent = () => service.direct(me.id, ben.id).messages.map((one) => one.content);
  return { service, me, ben, conversation, phone, write, sent };
}

test('what the new history lacks of mine goes back, in order, once, and before what is newer', async () => {
  const { service, phone, conversation, write, sent } = await before(2);
  await write(conversation.id, 'kept');
  const backup = service.backup();
  await write(conversation.id, 'lost 1', 'lost 2');
  service.restore(backup);
  service.fault = ({ path }) => (/messages/.test(path) ? 'lost_request' : 'none');
  const requests = service.requests.length;
  await write(conversation.id, 'newer');
  await phone.pass(20_000);
  expect(await phone.shown(conversation.id)).toEqual([
    ...['old 1', 'old 2', 'kept'],
    ...['sending: lost 1', 'sending: lost 2', 'sending: newer'],
  ]);
  service.fault = () => 'none';
  await phone.pass(120_000);
  expect(sent()).toEqual(['old 1', 'old 2', 'kept', 'lost 1', 'lost 2', 'newer']);
  expect(await phone.shown(conversation.id)).toEqual(sent());
  const again = service.requests
    .slice(requests)
    .filter(({ body }) => JSON.stringify(body).includes('"kept"'));
  expect(again).toEqual([]); // the histories share it: it was not sent again
});

test('a conversation that the new history lacks is opened again, with its draft and my messages', async () => {
  const { service, phone, conversation, write, sent, ben, me } = await before(0);
  const backup = JSON.stringify([]);
  await write(conversation.id, 'mine');
  service.post(conversation, ben.id, 'his');
  await phone.account.engine.pull();
  await phone.account.conversations.saveDraft(conversation.id, 'half a thought');
  service.restore(backup);
  await phone.pass(120_000);
  expect(sent()).toEqual(['mine']);
  const now = service.direct(me.id, ben.id).id;
  expect(now).not.toBe(conversation.id);
  expect(await phone.account.conversations.one(conversation.id)).toMatchObject({
    id: now,
    draft: 'half a thought',
  });
  expect(await phone.shown(now)).toEqual(['mine']);
});

test('when nothing is shared among what both show, all of mine is offered again, and nothing is doubled', async () => {
  const { service, phone, conversation, write, sent, ben } = await before(0);
  await write(conversation.id, 'a', 'b');
  const backup = service.backup();
  await write(conversation.id, 'c');
  service.restore(backup);
  const restored = service.direct(phone.user.id, ben.id);
  for (let n = 1; n <= 6; n += 1) service.post(restored, ben.id, `since ${n}`); // more than a snapshot shows
  await phone.pass(120_000);
  expect(sent()).toEqual(['a', 'b', 'since 1', 'since 2', 'since 3', 'since 4', 'since 5', 'since 6', 'c']);
  await phone.readAll(conversation.id);
  expect(await phone.shown(conversation.id)).toEqual(sent());
});

test('an answer to a send that does not fit what is held is not believed; sync looks first', async () => {
  const { service, phone, conversation, write, sent, ben } = await before(1);
  const backup = service.backup();
  service.post(conversation, ben.id, 'only in the old history');
  await phone.account.engine.pull();
  service.restore(backup);
  await write(conversation.id, 'mine'); // its seq is 2, which the phone holds as another message
  await phone.pass(120_000);
  expect(sent()).toEqual(['old 1', 'mine']);
  expect(await phone.shown(conversation.id)).toEqual(['old 1', 'mine']);
});

test('a bootstrap that is cut off goes on where it was, also in another run of the app', async () => {
  const service = new FakeService();
  const me = service.register('me');
  for (let n = 1; n <= 7; n += 1) {
    const other = service.register(`other${n}`);
    service.post(service.direct(me.id, other.id), other.id, 'hello');
  }
  let pages = 0;
  service.fault = ({ path }) =>
    path.startsWith('/v1/sync/bootstrap') && ++pages > 2 ? 'lost_request' : 'none';
  const phone = await new Phone(service, me).start();
  expect((await phone.account.conversations.list()).length).toBe(4);
  await phone.restart();
  service.fault = () => 'none';
  const asked = () => service.requests.filter(({ path }) => path.startsWith('/v1/sync/bootstrap')).length;
  const before = asked();
  await phone.pass(60_000);
  expect((await phone.account.conversations.list()).length).toBe(7);
  expect(asked() - before).toBe(2);
});

test('what was unread before a change of history is unread after it, and no more than that', async () => {
  const { service, phone, conversation, ben } = await before(2);
  service.post(conversation, ben.id, 'new');
  await phone.account.engine.pull();
  service.restore(service.backup());
  await phone.pass(20_000);
  expect(await phone.account.conversations.list()).toMatchObject([{ unread: 1, headSeq: 3 }]);
});

test('a first bootstrap that was cut off leaves nothing unread either', async () => {
  const service = new FakeService();
  const me = service.register('me');
  for (let n = 1; n <= 5; n += 1) {
    const other = service.register(`other${n}`);
    service.post(service.direct(me.id, other.id), other.id, 'hello');
  }
  let pages = 0;
  service.fault = ({ path }) =>
    path.startsWith('/v1/sync/bootstrap') && ++pages > 1 ? 'lost_request' : 'none';
  const phone = await new Phone(service, me).start();
  await phone.restart();
  service.fault = () => 'none';
  await phone.pass(60_000);
  expect((await phone.account.conversations.list()).map((one) => one.unread)).toEqual([0, 0, 0, 0, 0]);
});

test('a send that finds its conversation unknown waits until sync has said why, and nothing of it is lost', async () => {
  const { service, phone, conversation, write, sent } = await before(0);
  await write(conversation.id, 'm1', 'm2');
  service.restore(JSON.stringify([]));
  await write(conversation.id, 'm3'); // is told 404 before anybody knows of another history
  await phone.pass(120_000);
  expect(sent()).toEqual(['m1', 'm2', 'm3']);
  expect(await phone.shown(conversation.id)).toEqual(['m1', 'm2', 'm3']);
});

test('a message that the new history took before it was known does not stand for what it lacks', async () => {
  const { service, phone, conversation, write, sent, ben } = await before(2);
  const backup = service.backup();
  await write(conversation.id, 'mine 3', 'mine 4');
  service.restore(backup);
  const restored = service.conversations[0]!;
  for (const text of ['his 3', 'his 4']) service.post(restored, ben.id, text);
  await write(conversation.id, 'mine 5'); // gets a seq at which the phone holds nothing
  await phone.pass(120_000);
  expect(sent()).toEqual(['old 1', 'old 2', 'his 3', 'his 4', 'mine 5', 'mine 3', 'mine 4']);
  await phone.readAll(conversation.id);
  expect(await phone.shown(conversation.id)).toEqual(sent());
});

test('a draft goes to the conversation that the pair has in the new history', async () => {
  const { service, phone, conversation, ben, me } = await before(1);
  await phone.account.conversations.saveDraft(conversation.id, 'half');
  service.restore(JSON.stringify([]));
  const other = service.direct(me.id, ben.id);
  service.post(other, ben.id, 'anew');
  await phone.pass(60_000);
  expect(await phone.account.conversations.list()).toMatchObject([{ id: other.id, draft: 'half' }]);
});

test('somebody whose conversation is gone can be written to again', async () => {
  const { service, phone, conversation, sent, ben } = await before(1);
  service.conversations = [];
  await phone.account.engine.pull();
  expect(await phone.account.conversations.list()).toEqual([]);
  const id = await phone.account.conversations.begin({ id: ben.id, username: 'ben', displayName: 'Ben' });
  expect(await phone.account.conversations.one(id)).not.toBeNull();
  await phone.account.messages.send(id, 'hello again');
  await phone.account.engine.push();
  await phone.pass(20_000);
  expect(sent()).toEqual(['hello again']);
  expect(await phone.shown(id)).toEqual(['hello again']);
  expect(conversation.id).not.toBe(service.direct(phone.user.id, ben.id).id);
});

test('a seq that the new history gave to another message takes nothing away from what is to be put back', async () => {
  const { service, conversation, phone, write, sent } = await before(1);
  const backup = service.backup();
  await write(conversation.id, 'mine 2');
  service.restore(backup);
  await write(conversation.id, 'mine 3'); // is 2 there
  await phone.pass(120_000);
  expect(sent()).toEqual(['old 1', 'mine 3', 'mine 2']);
});
