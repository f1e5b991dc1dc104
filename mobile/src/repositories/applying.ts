/** What may be written while one answer of the service is applied. */

import type { Writing } from '../db/database';
import * as conversations from '../db/queries/conversations';
import * as holes from '../db/queries/holes';
import * as messages from '../db/queries/messages';
import * as outbox from '../db/queries/outbox';
import * as users from '../db/queries/users';
import { localId } from './conversations';

/** The parts of the contract's resources that are kept. */
export interface ServerMessage {
  id: string;
  conversation_id: string;
  sender_id: string;
  client_message_id: string;
  seq: number;
  content: string;
  created_at: string;
}
export interface ServerConversation {
  id: string;
  type: string;
  head_seq: number;
  members: { user_id: string }[];
}
export interface Snapshot {
  conversation: ServerConversation;
  messages: ServerMessage[];
  from_seq: number;
  head_seq: number;
}

export class Applying {
  constructor(
    private readonly tx: Writing,
    private readonly meId: string,
    private readonly now: number,
  ) {}

  async users(list: readonly object[]): Promise<void> {
    if (list.length > 0) await users.upsert(this.tx, JSON.stringify(list)); // nothing is no change
  }

  /** The seq up to which a conversation is held; null for one that is not in the map. */
  async cursor(id: string): Promise<number | null> {
    return (await conversations.one(this.tx, id))?.after_seq ?? null;
  }

  /** Messages that follow those that are held. */
  async append(conversation: ServerConversation, run: ServerMessage[], to: number): Promise<void> {
    await this.#conversation(conversation);
    await this.#messages(run);
    await conversations.setCursor(this.tx, conversation.id, to);
    await this.#readUpToOwn(conversation.id, run);
  }

  /** In place of all that is held of the conversation. */
  async replace(snapshot: Snapshot, { read }: { read: boolean }): Promise<void> {
    const { conversation, head_seq: head, from_seq: from } = snapshot;
    await messages.removeSent(this.tx, conversation.id);
    await conversations.setHead(this.tx, conversation.id, head);
    await this.#conversation(conversation);
    await conversations.setCursor(this.tx, conversation.id, head);
    await this.#messages(snapshot.messages);
    await holes.add(this.tx, conversation.id, 1, from - 1);
    if (read) await conversations.markRead(this.tx, conversation.id, head);
    else await this.#readUpToOwn(conversation.id, snapshot.messages);
  }

  /** Above all that is held, with a hole between. */
  async jump(snapshot: Snapshot, held: number): Promise<void> {
    await this.#conversation(snapshot.conversation);
    await this.#messages(snapshot.messages);
    await holes.add(this.tx, snapshot.conversation.id, held + 1, snapshot.from_seq - 1);
    await conversations.setCursor(this.tx, snapshot.conversation.id, snapshot.head_seq);
    await this.#readUpToOwn(snapshot.conversation.id, snapshot.messages);
  }

  /** The service knows it no longer. What waits in it, and a draft, are for the same person as before. */
  async drop(id: string): Promise<void> {
    const held = await conversations.one(this.tx, id);
    if (held === null) return;
    await messages.removeSent(this.tx, id);
    const waits = held.draft !== '' || (await outbox.countIn(this.tx, id)) > 0;
    if (!waits || held.peer_id === null) return conversations.remove(this.tx, id);
    const other = await conversations.another(this.tx, id, held.peer_id);
    const to = other?.id ?? localId(held.peer_id);
    if (other === null) await conversations.insertLocal(this.tx, to, held.peer_id, this.now);
    await conversations.move(this.tx, id, to);
  }

  /** Who has answered has read what came before, be it on another device. */
  async #readUpToOwn(id: string, run: ServerMessage[]): Promise<void> {
    const own = run.filter((message) => message.sender_id === this.meId).at(-1);
    if (own !== undefined) await conversations.markRead(this.tx, id, own.seq);
  }

  async #messages(run: ServerMessage[]): Promise<void> {
    if (run.length === 0) return;
    const json = JSON.stringify(run);
    await messages.upsertSent(this.tx, json);
    await outbox.settle(this.tx, this.meId, json);
  }

  async #conversation(conversation: ServerConversation): Promise<void> {
    const others = conversation.members.filter((member) => member.user_id !== this.meId);
    const peerId = conversation.type === 'direct' ? (others[0]?.user_id ?? null) : null;
    await conversations.upsert(this.tx, JSON.stringify(conversation), peerId, this.now);
    if (peerId === null) return;
    const begun = await conversations.one(this.tx, localId(peerId));
    if (begun !== null) await conversations.move(this.tx, begun.id, conversation.id);
  }
}
