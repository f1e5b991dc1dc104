/**
 * This device's copy of what the service holds. Each answer is applied in one transaction with the cursor that it moves,
 * and only if it speaks of the history that is held: an answer that comes late changes nothing.
 */

import type { Clock } from '../core/ports';
import type { Database, Writing } from '../db/database';
import * as conversations from '../db/queries/conversations';
import * as histories from '../db/queries/histories';
import * as holes from '../db/queries/holes';
import * as messages from '../db/queries/messages';
import * as meta from '../db/queries/meta';
import * as outbox from '../db/queries/outbox';
import { Applying, type ServerMessage } from './applying';

export interface State {
  epoch: string | null;
  /** All conversations are here; until then the bootstrap goes on at `bootstrapCursor`. */
  bootstrapped: boolean;
  bootstrapCursor: string | null;
  /** They were all here once, be it before a change of history. */
  arrived: boolean;
}

export class Mirror {
  constructor(
    private readonly db: Database,
    readonly meId: string,
    private readonly clock: Clock,
  ) {}

  state(): Promise<State> {
    return this.db.snapshot(async (reading) => ({
      epoch: await meta.value(reading, 'sync_epoch'),
      bootstrapped: (await meta.value(reading, 'bootstrapped')) !== null,
      bootstrapCursor: await meta.value(reading, 'bootstrap_cursor'),
      arrived: (await meta.value(reading, 'arrived')) !== null,
    }));
  }

  cursors(): Promise<Record<string, number>> {
    return conversations.cursors(this.db);
  }

  /** The history that is held is no longer the service's: bootstrap again. */
  forgetHistory(epoch: string): Promise<void> {
    return this.db.tx(async (tx) => {
      if ((await meta.value(tx, 'sync_epoch')) !== epoch) return; // another answer was first
      await this.#beginAgain(tx);
    });
  }

  /** Begin at the first page again; a cursor of the service's that it takes no longer. */
  async restartBootstrap(): Promise<void> {
    await this.db.tx((tx) => meta.set(tx, 'bootstrap_cursor', null));
  }

  /**
   * A page of a bootstrap, asked for with `cursor`. The first one says which history it is; one that does not go with
   * what is held changes nothing.
   */
  applyBootstrap(
    page: { epoch: string; cursor: string | null; next: string | null },
    work: (applying: Applying) => Promise<void>,
  ): Promise<void> {
    return this.db.tx(async (tx) => {
      const held = await meta.value(tx, 'sync_epoch');
      if ((await meta.value(tx, 'bootstrap_cursor')) !== page.cursor) return;
      if ((await meta.value(tx, 'bootstrapped')) !== null) return;
      if (held !== page.epoch) {
        await this.#beginAgain(tx);
        if (page.cursor !== null) return; // from its first page
        await meta.set(tx, 'sync_epoch', page.epoch);
      }
      await work(new Applying(tx, this.meId, this.clock.now()));
      await meta.set(tx, 'bootstrap_cursor', page.next);
      if (page.next === null) await this.#finishBootstrap(tx);
    });
  }

  /** An answer that speaks of the history `epoch`. False if that is no longer held, and nothing was applied. */
  apply(epoch: string, work: (applying: Applying) => Promise<void>): Promise<boolean> {
    return this.db.tx(async (tx) => {
      if ((await meta.value(tx, 'sync_epoch')) !== epoch) return false;
      await work(new Applying(tx, this.meId, this.clock.now()));
      return true;
    });
  }

  /** The id under which a conversation is known now. */
  resolved(conversationId: string): Promise<string> {
    return conversations.resolved(this.db, conversationId);
  }

  /** The newest first. */
  holes(conversationId: string): Promise<holes.Hole[]> {
    return holes.of(this.db, conversationId);
  }

  /** A page of history that ends at the upper end of a hole. */
  async fill(epoch: string | null, conversationId: string, page: ServerMessage[]): Promise<void> {
    const [first, last] = [page[0], page.at(-1)];
    if (first === undefined || last === undefined) return;
    await this.db.tx(async (tx) => {
      if ((await meta.value(tx, 'sync_epoch')) !== epoch) return;
      if ((await conversations.one(tx, conversationId)) === null) return;
      const json = JSON.stringify(page);
      await messages.upsertSent(tx, json);
      await outbox.settle(tx, this.meId, json);
      await holes.fill(tx, conversationId, first.seq, last.seq);
    });
  }

  async #beginAgain(tx: Writing): Promise<void> {
    await histories.putAside(tx);
    for (const key of ['sync_epoch', 'bootstrap_cursor', 'bootstrapped'] as const)
      await meta.set(tx, key, null);
  }

  async #finishBootstrap(tx: Writing): Promise<void> {
    await meta.set(tx, 'bootstrapped', '1');
    await meta.set(tx, 'arrived', '1');
    await histories.putBack(tx, this.meId);
    const applying = new Applying(tx, this.meId, this.clock.now());
    for (const { id } of await histories.unnamed(tx)) await applying.drop(id);
  }
}
