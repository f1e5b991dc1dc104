/** The whole client but its screens, on a device in memory, with one person signed in. */

import { fillHole } from '../../src/sync/history';
import { accountOf, createApp, type App } from '../../src/usecases/app';
import { resume } from '../../src/usecases/resume';
import type { Account } from '../../src/usecases/account';
import type { Item } from '../../src/repositories/messages';
import { device, quiet, type Device } from './device';
import type { FakeService, FakeUser } from './fakeService';

export class Phone {
  readonly device: Device;
  app: App;

  constructor(
    readonly service: FakeService,
    readonly user: FakeUser,
    random?: () => number,
  ) {
    this.device = device(service.fetch, random);
    this.app = createApp(this.device);
    const { refresh_token: refreshToken, session_id: sessionId } = service.signIn(user.id);
    const { id: userId, username, display_name: displayName } = user;
    this.device.tokenStore.account = { userId, username, displayName, sessionId, refreshToken };
  }

  get account(): Account {
    const account = accountOf(this.app);
    if (account === null) throw new Error('nobody is signed in');
    return account;
  }

  async start(): Promise<this> {
    await resume(this.app);
    await quiet();
    return this;
  }

  /** The process is killed and started again: memory is gone, files and the keychain stay. */
  async restart(): Promise<void> {
    await accountOf(this.app)?.close();
    this.app = createApp(this.device);
    await this.start();
  }

  async pass(milliseconds: number): Promise<void> {
    await this.device.time.pass(milliseconds);
    await quiet();
  }

  /** What the screen of a conversation shows, without limit: contents, and gaps as '…'. */
  async shown(conversationId: string): Promise<string[]> {
    const { items } = await this.account.messages.latest(conversationId, 100_000);
    return items.map(line);
  }

  /** As if the person scrolled through all of it. */
  async readAll(conversationId: string): Promise<void> {
    const { send, mirror } = this.account;
    const first = async () => (await mirror.holes(await mirror.resolved(conversationId)))[0];
    for (let hole = await first(); hole !== undefined; hole = await first()) {
      await fillHole(send, mirror, conversationId, hole.to_seq);
    }
  }

  async end(): Promise<void> {
    await accountOf(this.app)?.close();
    this.device.files.wipe();
  }
}

function line(item: Item): string {
  if (item.kind === 'gap') return '…';
  const { message } = item;
  return message.state === 'sent' ? message.content : `${message.state}: ${message.content}`;
}
