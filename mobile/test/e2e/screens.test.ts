/** Every screen, on a phone and in a window, in light and dark: as pictures, in docs/ or in a folder of their own. */

import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Browser, DESKTOP } from './browser';
import { Person, Server } from './server';

const FOLDER = String(process.env['CHATSVC_PICTURES'] ?? join(tmpdir(), 'chatsvc-pictures'));
const server = new Server();
const open: Browser[] = [];

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  await server.start();
});
afterAll(async () => {
  for (const browser of open) await browser.end();
  await server.end();
  expect(open.flatMap((browser) => browser.problems)).toEqual([]);
});

async function browser(options: ConstructorParameters<typeof Browser>[1] = {}): Promise<Browser> {
  const one = new Browser(server, options);
  open.push(one);
  return one.open();
}

async function picture(of: Browser, name: string): Promise<void> {
  await of.page.waitForTimeout(400); // what fades in has
  await of.page.screenshot({ path: join(FOLDER, `${name}.png`) });
}

/** The window and the phone in one picture, for the README. */
async function overview(of: Browser): Promise<void> {
  const image = (name: string) =>
    `data:image/png;base64,${readFileSync(join(FOLDER, name)).toString('base64')}`;
  const page = await of.context.newPage();
  await page.setViewportSize({ width: 1240, height: 640 });
  await page.setContent(`<body style="margin:0;display:flex;gap:24px;align-items:center;justify-content:center;
      height:100vh;background:#dfe4ec">
    <img src="${image('window-light.png')}" style="height:580px;border-radius:10px;box-shadow:0 6px 24px #0003">
    <img src="${image('conversation-offline.png')}" style="height:580px;border-radius:22px;box-shadow:0 6px 24px #0003">
  </body>`);
  await page.screenshot({ path: join(FOLDER, 'overview.png') });
  await page.close();
}

async function talk(mine: Person, other: Person, lines: [Person, string][]): Promise<string> {
  const id = await mine.conversationWith(other);
  for (const [who, text] of lines) await who.write(id, text);
  return id;
}

test('every screen', async () => {
  const phone = await browser();
  await picture(phone, 'sign-in');
  await phone.id('switch-mode').click();
  await phone.id('display-name').waitFor();
  await picture(phone, 'register');
  await phone.id('switch-mode').click();

  const ana = await server.person('ana');
  const [ben, clara, dmitri] = [
    await server.person('ben'),
    await server.person('clara'),
    await server.person('dmitri'),
  ];
  await talk(ana, dmitri, [[dmitri, 'The train leaves at 7:40 from platform 3, see you there.']]);
  await talk(ana, clara, [
    [ana, 'Did the keys arrive?'],
    [clara, 'Yes, this morning. Thank you!'],
  ]);
  await talk(ana, ben, [
    [ben, 'Are you still up for the hike on Saturday?'],
    [ana, 'Of course!'],
    [ana, 'I looked at the map: if we start at the old mill, we have the ridge to ourselves until noon.'],
    [ben, 'Perfect.'],
    [
      ben,
      'There is no network up there, so let us agree on the meeting point now. https://example.org/trails/the-old-mill-and-the-long-ridge',
    ],
    [ana, 'The mill, 8:30. I bring coffee, you bring something sweet.'],
    [ben, 'Deal'],
  ]);

  await phone.signIn('ana');
  await phone.id('conversation-row').nth(2).waitFor();
  await phone.openFirst();
  await phone.sees('Deal');
  await phone.context.setOffline(true);
  await phone.write('Leaving now, no signal from here on. It will go out when I am back.');
  await phone.sees('Leaving now', 'sending');
  await picture(phone, 'conversation-offline');
  await phone.id('composer').fill('And do not forget');
  await phone.page.waitForTimeout(500);
  await phone.id('back').click();
  await phone.id('conversation-row').first().waitFor();
  await picture(phone, 'conversations');
  await phone.id('new-conversation').click();
  await phone.id('search').fill('cl');
  await phone.id('person').first().waitFor();
  await picture(phone, 'new-conversation');
  await phone.context.setOffline(false);
  await phone.id('back').click();
  await phone.id('open-account').click();
  await phone.id('session-current').waitFor();
  await picture(phone, 'account');
  await phone.page.emulateMedia({ colorScheme: 'dark' });
  await phone.id('back').click();
  await phone.openFirst();
  await phone.sees('Leaving now', 'sent');
  await picture(phone, 'conversation-dark');

  const window = await browser({ viewport: DESKTOP, dark: true });
  await window.signIn('ben');
  await window.openFirst();
  await window.sees('Deal');
  await clara.write(await clara.conversationWith(ben), 'Hi Ben, are you coming on Sunday?');
  await window.id('unread').first().waitFor();
  await window.page.route('**/v1/conversations/*/messages', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 404, json: { error: { code: 'user_not_found', message: 'no such user' } } })
      : route.continue(),
  );
  await window.write('And a flask of tea, just in case.');
  await window.sees('flask of tea', 'failed');
  await picture(window, 'window-dark');
  await window.page.emulateMedia({ colorScheme: 'light' });
  await picture(window, 'window-light');
  await window.page.emulateMedia({ colorScheme: 'dark' });
  await window.id('open-account').click();
  await window.id('session-current').waitFor();
  await picture(window, 'window-account-dark');
  await overview(window);

  const other = await window.context.newPage();
  await other.goto(`${server.url}/app/`);
  await other.getByTestId('open-elsewhere').waitFor();
  await other.screenshot({ path: join(FOLDER, 'open-elsewhere.png') });
  await other.close();

  const { sessions } = await ana.call<{ sessions: { id: string; current: boolean }[] }>(
    'GET',
    '/v1/auth/sessions',
  );
  await phone.context.setOffline(true);
  await phone.write('See you!');
  await phone.sees('See you!', 'sending');
  for (const one of sessions.filter((session) => !session.current))
    await ana.call('DELETE', `/v1/auth/sessions/${one.id}`);
  await phone.context.setOffline(false);
  await phone.id('session-ended').waitFor();
  await phone.page.emulateMedia({ colorScheme: 'light' });
  await picture(phone, 'session-ended');
});
