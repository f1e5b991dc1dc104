/** What is still to be sent, and what became of it. */

import type { Clock } from '../core/ports';
import type { Database } from '../db/database';
import * as conversations from '../db/queries/conversations';
import * as messages from '../db/queries/messages';
import * as meta from '../db/queries/meta';
import * as outbox from '../db/queries/outbox';
import type { ServerConversation, ServerMessage } from './applying';

export interface Waiting {
  clientMessageId: string;
  conversationId: string;
  /** Whom it is for, should the service not know the conversation. */
  peerId: string | null;
  content: string;
}

export class Outbox {
  constructor(
    private readonly db: Database,
    private readonly meId: string,
    private readonly clock: Clock,
  ) {}

  /** In the order in which they are to be sent, without those that have failed, and the history that is held. */
  waiting(limit: number): Promise<{ epoch: string | null; items: Waiting[] }> {
    return this.db.snapshot(async (reading) => ({
      epoch: await meta.value(reading, 'sync_epoch'),
      items: (await outbox.waiting(reading, limit)).map((row) => ({
        clientMessageId: row.client_message_id,
        conversationId: row.conversation_id,
        peerId: row.peer_id,
        content: row.content,
      })),
    }));
  }

  /**
   * The service holds them now. `epoch` is the history that was held when they were sent. False if the history that is
   * held has no room for one of them, so that it must be another than the service's: nothing was written.
   */
  settle(epoch: string | null, sent: ServerMessage[]): Promise<boolean> {
    return this.db.tx(async (tx) => {
      if ((await meta.value(tx, 'sync_epoch')) !== epoch) return true; // they go again, and the answer is the same
      for (const message of sent) {
        const there = await messages.atSeq(tx, message.conversation_id, message.seq);
        if (there !== null && there.server_id !== message.id) return false;
      }
      const json = JSON.stringify(sent);
      await messages.upsertSent(tx, json);
      await outbox.settle(tx, this.meId, json);
      for (const message of sent) await conversations.noteSent(tx, message);
      return true;
    });
  }

  /** The service will never take it: it is shown as failed, and is in nobody's way. */
  fail(clientMessageId: string, code: string): Promise<void> {
    return this.db.tx((tx) => outbox.fail(tx, clientMessageId, code));
  }

  /**
   * The conversation with `peerId` is this one: what waits in `from` goes on there. False, and nothing is written, as long
   * as `from` is held as one of the service's: sync has to say first what became of it, and what was held of it.
   */
  moved(from: string, peerId: string, conversation: ServerConversation): Promise<boolean> {
    return this.db.tx(async (tx) => {
      const held = await conversations.one(tx, from);
      if (held !== null && held.after_seq !== null) return false;
      await conversations.upsert(tx, JSON.stringify(conversation), peerId, this.clock.now());
      await conversations.move(tx, from, conversation.id);
      return true;
    });
  }
}
