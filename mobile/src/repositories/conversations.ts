/** Conversations as the screens show them. */

import type { Person } from '../core/person';
import type { Clock } from '../core/ports';
import type { Database, Reading, Writing } from '../db/database';
import * as conversationList from '../db/queries/conversationList';
import * as conversations from '../db/queries/conversations';
import * as outbox from '../db/queries/outbox';
import * as users from '../db/queries/users';
import type { Table } from '../db/tables';

export interface Conversation {
  id: string;
  /** 'unsupported' is one of a type that this version of the app does not know: a placeholder, nothing to write in. */
  kind: 'direct' | 'unsupported';
  /** Null while nothing has told who it is. */
  peer: Person | null;
  preview: string | null;
  previewIsMine: boolean;
  /** Milliseconds since 1970. */
  activity: number;
  unread: number;
  waiting: number;
  failed: number;
  draft: string;
  headSeq: number;
}

const LISTED_FROM: readonly Table[] = [
  'conversations',
  'users',
  'messages',
  'holes',
  'outbox',
  'moved_conversations',
];

export class Conversations {
  /** The tables that its answers are made of. */
  readonly tables = LISTED_FROM;

  constructor(
    private readonly db: Database,
    private readonly meId: string,
    private readonly clock: Clock,
  ) {}

  /** Newest activity first. */
  async list(limit = 500): Promise<Conversation[]> {
    return (await conversationList.listed(this.db, this.meId, limit)).map((row) => this.#shown(row));
  }

  /** Also by an id that it had before it was moved. */
  async one(id: string): Promise<Conversation | null> {
    const row = await this.db.snapshot(async (reading) =>
      conversationList.listedOne(reading, this.meId, await conversations.resolved(reading, id)),
    );
    return row === null ? null : this.#shown(row);
  }

  /** The id of the one conversation with a person, begun here if there is none; the service hears of it when a message is sent. */
  begin(person: Person): Promise<string> {
    return this.db.tx(async (tx) => {
      const held = await conversations.ofPeer(tx, person.id);
      if (held !== null) return held.id;
      if ((await users.one(tx, person.id)) === null)
        await users.upsert(tx, JSON.stringify([ofPerson(person)]));
      const id = localId(person.id);
      await conversations.insertLocal(tx, id, person.id, this.clock.now());
      return id;
    });
  }

  saveDraft(id: string, draft: string): Promise<void> {
    return this.#on(id, (tx, now) => conversations.setDraft(tx, now, draft));
  }

  markRead(id: string, seq: number): Promise<void> {
    return this.#on(id, (tx, now) => conversations.markRead(tx, now, seq));
  }

  /** Messages that would be lost with this device's copy. */
  countUnsent(): Promise<number> {
    return outbox.count(this.db);
  }

  #on(id: string, work: (tx: Writing, now: string) => Promise<void>): Promise<void> {
    return this.db.tx(async (tx) => work(tx, await conversations.resolved(tx, id)));
  }

  #shown(row: conversationList.ListedRow): Conversation {
    const { peer_id: peerId, username, display_name: displayName } = row;
    return {
      id: row.id,
      kind: row.type === 'direct' ? 'direct' : 'unsupported',
      peer:
        peerId === null || username === null
          ? null
          : { id: peerId, username, displayName: displayName ?? username },
      preview: row.preview,
      previewIsMine: row.preview_sender_id === this.meId,
      activity: row.activity,
      unread: row.unread,
      waiting: row.waiting,
      failed: row.failed,
      draft: row.draft,
      headSeq: row.head_seq,
    };
  }
}

const LOCAL = 'local:';

/** Of a conversation that the service does not know yet. */
export const localId = (peerId: string): string => LOCAL + peerId;
export const isLocal = (id: string): boolean => id.startsWith(LOCAL);

/** Whom a conversation's messages are for, also when the service no longer knows the conversation. */
export async function peerOf(reading: Reading, id: string): Promise<string | null> {
  return (await conversations.one(reading, id))?.peer_id ?? null;
}

function ofPerson(person: Person): object {
  return { id: person.id, username: person.username, display_name: person.displayName, updated_at: '' };
}
