/** What a device keeps, loses and hands over, in a real browser with the real service. */

import { expect, test } from 'vitest';
import { DESKTOP } from './browser';
import { browser, name, scene, server, talking } from './scene';

scene();

test('reloaded and restarted offline it opens, shows what is here, and keeps what waits', async () => {
  const { ana } = await talking();
  await ana.write('kept');
  await ana.sees('kept', 'sent');
  await ana.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await ana.context.setOffline(true);
  await ana.write('waits');
  await ana.sees('waits', 'sending');
  await ana.id('composer').fill('half a thought');
  await ana.page.waitForTimeout(600);
  await ana.page.reload();
  await ana.openFirst();
  await ana.sees('kept', 'sent');
  await ana.sees('waits', 'sending');
  expect(await ana.id('composer').inputValue()).toBe('half a thought');

  await ana.close();
  await server.stop(); // a browser that starts offline, for certain
  await ana.open();
  await ana.openFirst();
  await ana.sees('waits', 'sending');
  await ana.write('and this');
  await server.start();
  await ana.sees('waits', 'sent');
  await ana.sees('and this', 'sent');
});

test('a second tab says that the first one is open, and goes on when that is closed', async () => {
  const { ana } = await talking();
  await ana.write('here');
  await ana.sees('here', 'sent');
  const second = await ana.context.newPage();
  ana.watch(second);
  await second.goto(`${server.url}/app/`);
  await second.getByTestId('open-elsewhere').waitFor();
  await ana.page.close();
  await second.getByTestId('conversation-row').first().click();
  await second.getByTestId('message').filter({ hasText: 'here' }).waitFor();
});

test('signing out deletes what is here; signing in brings it back from the service', async () => {
  const { ana, me, here } = await talking();
  await ana.write('at the service');
  await ana.sees('at the service', 'sent');
  await ana.id('back').click();
  await ana.id('open-account').click();
  await ana.id('me-username').filter({ hasText: me }).waitFor();
  await ana.id('session-current').waitFor();
  await ana.id('sign-out').click();
  await ana.id('confirm').click();
  await ana.id('username').waitFor();
  await ana.page.waitForFunction(() => localStorage.length === 0);
  const device = await here();
  const { sessions } = await device.call<{ sessions: object[] }>('GET', '/v1/auth/sessions');
  expect(sessions.length).toBe(1); // this test's own
  await ana.page.reload();
  await ana.signIn(me);
  await ana.openFirst();
  await ana.sees('at the service', 'sent');
});

test('a session that is ended elsewhere deletes nothing, and what waits is sent after signing in again', async () => {
  const { ana, me, here } = await talking();
  await ana.write('sent');
  await ana.sees('sent', 'sent');
  await ana.page.route('**/v1/conversations/*/messages', (route) => route.abort());
  await ana.write('waits');
  await ana.sees('waits', 'sending');
  const device = await here();
  const { sessions } = await device.call<{ sessions: { id: string; current: boolean }[] }>(
    'GET',
    '/v1/auth/sessions',
  );
  for (const one of sessions.filter((session) => !session.current))
    await device.call('DELETE', `/v1/auth/sessions/${one.id}`);
  await ana.id('session-ended').waitFor();
  await ana.page.unroute('**/v1/conversations/*/messages');
  await ana.signIn(me);
  await ana.openFirst();
  await ana.sees('waits', 'sent');
});

test('a long absence is a gap that fills, and older messages come on scrolling', async () => {
  const { ana, me, other, here } = await talking();
  await ana.write('message 1');
  await ana.sees('message 1', 'sent');
  await ana.context.setOffline(true);
  const device = await here();
  const conversation = await other.conversationWith({ id: device.id });
  await other.write(conversation, ...Array.from({ length: 1_099 }, (_, at) => `message ${at + 2}`));
  await ana.context.setOffline(false);
  await ana.sees('message 1100');
  const scroller = ana.id('messages');
  for (const wanted of ['message 1050', 'message 1000']) {
    const found = ana.id('message').filter({ hasText: wanted });
    for (let tries = 0; tries < 40 && (await found.count()) === 0; tries += 1) {
      await scroller.evaluate((element) => element.scrollTo(0, 0));
      await ana.page.waitForTimeout(150);
    }
    await found.first().waitFor();
  }
  expect(me).not.toBe('');
});

test('with the keyboard alone, in a wide window', async () => {
  const [me, other] = [name('ana'), await server.person(name('ben'))];
  const ana = await browser({ viewport: DESKTOP });
  await ana.register(me);
  await ana.id('new-conversation').focus();
  await ana.page.keyboard.press('Enter');
  await ana.id('search').fill(other.username);
  await ana.id('person').first().focus();
  await ana.page.keyboard.press('Enter');
  await ana.id('composer').focus();
  await ana.page.keyboard.type('a line');
  await ana.page.keyboard.press('Shift+Enter');
  await ana.page.keyboard.type('and another');
  await ana.page.keyboard.press('Enter');
  await ana.sees('and another', 'sent');
  expect(await ana.id('composer').inputValue()).toBe('');
  expect(await ana.messages()).toBe(1);
});
