/** What people say, with the network and without, in a real browser with the real service. */

import { expect, test } from 'vitest';
import { DESKTOP } from './browser';
import { browser, name, scene, server, talking } from './scene';

scene();

test('two people in two browsers talk, one of them offline in between', async () => {
  const [anaName, benName] = [name('ana'), name('ben')];
  const [ana, ben] = [await browser(), await browser({ viewport: DESKTOP, dark: true })];
  await ben.register(benName);
  await ana.register(anaName);
  await ana.startWith(benName);
  await ana.write('Hello Ben');
  await ana.sees('Hello Ben', 'sent');

  await ben.id('conversation-row').filter({ hasText: anaName }).waitFor();
  expect(await ben.id('unread').first().innerText()).toBe('1');
  await ben.openFirst();
  await ben.sees('Hello Ben');
  await ben.context.setOffline(true);
  await ben.write('Are you there?');
  await ben.sees('Are you there?', 'sending');
  await ben.id('offline').first().waitFor();
  await ana.write('I am here');
  await ana.sees('I am here', 'sent');
  await ben.context.setOffline(false);
  await ben.sees('Are you there?', 'sent');
  await ben.sees('I am here');
  await ana.sees('Are you there?');
  expect(await ana.messages()).toBe(3);
  expect(await ben.messages()).toBe(3);
});

test('what is written offline is sent in order when the network is back', async () => {
  const { ana, other } = await talking();
  await ana.write('one');
  await ana.sees('one', 'sent');
  await ana.context.setOffline(true);
  await ana.write('two');
  await ana.write('three');
  await ana.sees('three', 'sending');
  await ana.context.setOffline(false);
  await ana.sees('three', 'sent');
  const [conversation] = (await other.call<{ conversations: { id: string }[] }>('GET', '/v1/conversations'))
    .conversations;
  expect(await other.history(conversation!.id)).toEqual(['one', 'two', 'three']);
});

test('a send whose answer is lost is repeated and makes no second message', async () => {
  const { ana, other } = await talking();
  await ana.write('first');
  await ana.sees('first', 'sent');
  let posts = 0;
  await ana.page.route('**/v1/conversations/*/messages', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    posts += 1;
    if (posts > 2) return route.continue();
    await route.fetch(); // it is done, and nobody hears of it
    await route.abort();
  });
  await ana.write('once');
  await ana.sees('once', 'sent');
  expect(posts).toBeGreaterThan(1);
  const [conversation] = (await other.call<{ conversations: { id: string }[] }>('GET', '/v1/conversations'))
    .conversations;
  expect(await other.history(conversation!.id)).toEqual(['first', 'once']);
  expect(await ana.messages()).toBe(2);
});

test('an access token that is no longer good is renewed once, and nobody notices', async () => {
  const { ana } = await talking();
  await ana.write('before');
  await ana.sees('before', 'sent');
  const refreshes: string[] = [];
  const refused: string[] = [];
  ana.page.on('response', (response) => {
    if (response.url().endsWith('/v1/auth/refresh')) refreshes.push(String(response.status()));
    if (response.status() === 401) refused.push(response.url());
  });
  await server.stop();
  await server.start({ key: 'k2' }); // every access token out there is signed with a key that is gone
  await ana.write('after');
  await ana.sees('after', 'sent');
  expect(refreshes).toEqual(['200']);
  expect(refused.length).toBeGreaterThan(0);
});
