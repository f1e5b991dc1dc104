/** A file's own service, and the browsers that a test opens: closed behind it, and looked at for what went wrong. */

import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Browser } from './browser';
import { Server } from './server';

export const server = new Server();
const open: Browser[] = [];
let people = 0;

export function scene(): void {
  beforeAll(() => server.start());
  afterAll(() => server.end());
  afterEach(async () => {
    const browsers = open.splice(0);
    for (const one of browsers) await one.end();
    expect(browsers.flatMap((one) => one.problems)).toEqual([]);
  });
}

export async function browser(options: ConstructorParameters<typeof Browser>[1] = {}): Promise<Browser> {
  const one = new Browser(server, options);
  open.push(one);
  return one.open();
}

/** A username that nobody has. */
export const name = (kind: string) => `${kind}${process.pid}x${++people}`;

/** Somebody in a browser, in a conversation with somebody who has another device. */
export async function talking() {
  const [me, other] = [name('ana'), await server.person(name('ben'))];
  const ana = await browser();
  await ana.register(me);
  await ana.startWith(other.username);
  return { ana, me, other, here: () => server.signIn(me) };
}
