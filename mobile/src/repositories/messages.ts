/** The messages of a conversation as the screen shows them, and what people do to their own. */

import type { Clock, NewId } from '../core/ports';
import type { Database } from '../db/database';
import * as conversations from '../db/queries/conversations';
import * as messages from '../db/queries/messages';
import * as outbox from '../db/queries/outbox';
import type { Table } from '../db/tables';
import { peerOf } from './conversations';

interface Shown {
  /** Two people may use the same `clientMessageId`; this is one message's alone. */
  key: string;
  clientMessageId: string;
  conversationId: string;
  content: string;
  mine: boolean;
  senderId: string;
  /** Milliseconds since 1970. */
  at: number;
}

export type Message =
  | (Shown & { state: 'sent'; seq: number })
  | (Shown & { state: 'sending' })
  | (Shown & { state: 'failed'; code: string });

/** A stretch of the conversation: messages ascending, and where some are not here yet. */
export type Item =
  { kind: 'message'; message: Message } | { kind: 'gap'; key: string; fromSeq: number; toSeq: number };

export interface Stretch {
  items: Item[];
  /** There is more above the first item, here or at the service. */
  hasEarlier: boolean;
}

export class Messages {
  readonly tables: readonly Table[] = ['messages', 'outbox', 'holes', 'moved_conversations'];

  constructor(
    private readonly db: Database,
    private readonly meId: string,
    private readonly clock: Clock,
    private readonly newId: NewId,
  ) {}

  /** The newest `limit` that are sent, and all that wait. */
  async latest(conversationId: string, limit: number): Promise<Stretch> {
    const rows = await this.db.snapshot(async (reading) =>
      messages.shown(reading, await conversations.resolved(reading, conversationId), limit),
    );
    return {
      items: withGaps(rows.map((row) => this.#shown(row))),
      hasEarlier: (rows[0]?.server_seq ?? 1) > 1,
    };
  }

  /** The message and its place in the outbox in one transaction, and the draft it came from is gone. */
  send(conversationId: string, content: string): Promise<void> {
    return this.db.tx(async (tx) => {
      const id = await conversations.resolved(tx, conversationId);
      const clientMessageId = this.newId();
      const message = {
        senderId: this.meId,
        clientMessageId,
        conversationId: id,
        content,
        now: this.clock.now(),
      };
      await messages.insertWaiting(tx, message);
      await outbox.append(tx, { clientMessageId, conversationId: id, peerId: await peerOf(tx, id), content });
      await conversations.setDraft(tx, id, '');
    });
  }

  /** A failed one goes to the end of the queue, under its old `client_message_id`. */
  retry(clientMessageId: string): Promise<void> {
    return this.db.tx((tx) => outbox.requeue(tx, clientMessageId));
  }

  /** A failed one that the person gives up. One that is sent stays. */
  discard(clientMessageId: string): Promise<void> {
    return this.db.tx(async (tx) => {
      if (!(await outbox.hasFailed(tx, clientMessageId))) return;
      await outbox.remove(tx, clientMessageId);
      await messages.remove(tx, this.meId, clientMessageId);
    });
  }

  #shown(row: messages.MessageRow): Message {
    const shown = {
      key: `${row.sender_id} ${row.client_message_id}`,
      clientMessageId: row.client_message_id,
      conversationId: row.conversation_id,
      content: row.content,
      mine: row.sender_id === this.meId,
      senderId: row.sender_id,
      at: row.server_created_at === null ? row.local_created_at : Date.parse(row.server_created_at),
    };
    if (row.server_seq !== null) return { ...shown, state: 'sent', seq: row.server_seq };
    return row.failed_code === null
      ? { ...shown, state: 'sending' }
      : { ...shown, state: 'failed', code: row.failed_code };
  }
}

/** Seqs are 1, 2, 3 …: where one is missing between two, something is still to come. */
function withGaps(shown: Message[]): Item[] {
  const items: Item[] = [];
  let last: number | null = null;
  for (const message of shown) {
    if (message.state === 'sent') {
      if (last !== null && message.seq > last + 1) {
        const [fromSeq, toSeq] = [last + 1, message.seq - 1];
        items.push({ kind: 'gap', key: `gap-${fromSeq}`, fromSeq, toSeq });
      }
      last = message.seq;
    }
    items.push({ kind: 'message', message });
  }
  return items;
}
