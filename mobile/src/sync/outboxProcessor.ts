/**
 * Sends what waits: in order within a conversation, conversations beside each other, and after a long absence by the
 * batch route. Whatever is lost or said twice on the way, the service keeps each message once (section 4 of the
 * contract), so everything may simply be repeated.
 */

import { isPassing, NoAnswer, Refused } from '../core/failures';
import type { Clock, Random } from '../core/ports';
import { isLocal } from '../repositories/conversations';
import type { Outbox, Waiting } from '../repositories/outbox';
import type { Send } from '../transport/rest/client';
import { openOrCreateDirect } from '../transport/rest/conversations';
import { sendBatch, sendMessage, type BatchAnswer, type Message } from '../transport/rest/messages';
import { isMessage } from '../transport/rest/shapes';
import { Lanes } from './lanes';

const MAX_WAITING = 1_000;
const LANES_AT_ONCE = 4;
const BATCH_FROM = 6;
const MAX_BATCH = 100;
/** A proxy or a version that has no such route says nothing of the message. */
const NOT_THE_MESSAGE = ['not_found', 'method_not_allowed'];

export interface Processor {
  send: Send;
  outbox: Outbox;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
  /** The service's history is not the one that is held: sync has to look. */
  onConflict: () => void;
}

export class OutboxProcessor {
  readonly #lanes: Lanes;
  #batchSize = MAX_BATCH;

  constructor(private readonly use: Processor) {
    this.#lanes = new Lanes(use.clock, use.random);
  }

  /** Whatever waits may be tried at once: the network is back, or the person asked for it. */
  retryNow(): void {
    this.#lanes.retryNow();
    this.#batchSize = MAX_BATCH;
  }

  /** Milliseconds until something may be tried again; null if nothing waits for a time. */
  nextIn(): number | null {
    return this.#lanes.nextIn();
  }

  /** Sends all that may be sent now. Rejects only with what is not the message's fault: a session that ended, say. */
  async run(): Promise<void> {
    for (let progress = true; progress;) {
      const { epoch, items } = await this.use.outbox.waiting(MAX_WAITING);
      this.#lanes.keepOnly(new Set(items.map((item) => item.conversationId)));
      if (items.length === 0) this.#batchSize = MAX_BATCH;
      const ready = items.filter((item) => this.#lanes.isReady(item.conversationId));
      const known = ready.filter((item) => !isLocal(item.conversationId));
      progress =
        this.#batchSize > 1 && known.length >= BATCH_FROM
          ? await this.#batch(epoch, known.slice(0, this.#batchSize))
          : await this.#lanesBeside(epoch, ready);
    }
  }

  /** Whether something is sent or out of the way, or may be tried in another way at once. */
  async #batch(epoch: string | null, items: Waiting[]): Promise<boolean> {
    let answer: BatchAnswer;
    try {
      answer = await sendBatch(this.use.send, items, this.use.signal);
    } catch (failure) {
      if (!(failure instanceof Refused || failure instanceof NoAnswer)) throw failure;
      if (failure instanceof Refused && !isPassingForAll(failure)) {
        // Too large, it is halved. A service that fails over one of them would fail over all, for ever: one by one, then.
        this.#batchSize =
          failure.code === 'payload_too_large' ? Math.max(1, Math.floor(items.length / 2)) : 1;
        return true;
      }
      for (const id of new Set(items.map((item) => item.conversationId))) this.#lanes.failed(id, failure);
      return false;
    }
    const taken = answer.results.map((result) => result.message).filter(isMessage);
    if (!(await this.#settle(epoch, taken))) return false;
    const blocked = new Set<string>();
    for (const [at, item] of items.entries()) {
      const { message, error, status } = answer.results[at]!;
      if (blocked.has(item.conversationId)) continue;
      if (isMessage(message)) {
        this.#lanes.worked(item.conversationId);
        continue;
      }
      const refused =
        error == null
          ? new Refused(503, 'try_again', 'neither a message nor an error')
          : new Refused(status, error.code, error.message, error.details, answer.retryAfterSeconds);
      if (!(await this.#refused(item, refused))) blocked.add(item.conversationId);
    }
    return taken.length > 0 || blocked.size === 0;
  }

  /** Conversations beside each other. Whether something was sent, or is out of the way. */
  async #lanesBeside(epoch: string | null, items: Waiting[]): Promise<boolean> {
    const lanes = new Map<string, Waiting[]>();
    for (const item of items)
      lanes.set(item.conversationId, [...(lanes.get(item.conversationId) ?? []), item]);
    const queues = [...lanes.values()];
    let progress = false;
    const worker = async (): Promise<void> => {
      for (let queue = queues.shift(); queue !== undefined; queue = queues.shift()) {
        for (const item of queue) {
          if (!(await this.#one(epoch, item))) break;
          progress = true;
          if (isLocal(item.conversationId)) break; // the others of its queue have moved: they are read again
        }
      }
    };
    await Promise.all(Array.from({ length: LANES_AT_ONCE }, worker));
    return progress;
  }

  /** Whether its queue may go on. */
  async #one(epoch: string | null, item: Waiting): Promise<boolean> {
    try {
      if (isLocal(item.conversationId)) return await this.#open(item);
      const message = await sendMessage(this.use.send, item, this.use.signal);
      this.#lanes.worked(item.conversationId);
      return await this.#settle(epoch, [message]);
    } catch (failure) {
      if (failure instanceof Refused) return this.#refused(item, failure);
      if (!isPassing(failure)) throw failure;
      this.#lanes.failed(item.conversationId, failure);
      return false;
    }
  }

  /** Whether its queue may go on: a permanent refusal is out of the way. */
  async #refused(item: Waiting, refused: Refused): Promise<boolean> {
    if (refused.code === 'conversation_not_found' && item.peerId !== null && !isLocal(item.conversationId)) {
      try {
        return await this.#open(item);
      } catch (failure) {
        if (failure instanceof Refused && !isPassing(failure) && failure.status !== 401)
          return this.#never(item, failure);
        if (!(failure instanceof Refused) && !(failure instanceof NoAnswer)) throw failure;
        this.#lanes.failed(item.conversationId, failure);
        return false;
      }
    }
    if (isPassing(refused) || NOT_THE_MESSAGE.includes(refused.code) || refused.status === 401) {
      this.#lanes.failed(item.conversationId, refused);
      return false;
    }
    return this.#never(item, refused);
  }

  async #never(item: Waiting, refused: Refused): Promise<true> {
    await this.use.outbox.fail(item.clientMessageId, refused.code);
    return true;
  }

  /** The one conversation with whom it is for. */
  async #open(item: Waiting): Promise<boolean> {
    if (item.peerId === null) return this.#never(item, new Refused(404, 'conversation_not_found', ''));
    const conversation = await openOrCreateDirect(this.use.send, item.peerId, this.use.signal);
    this.#lanes.worked(item.conversationId);
    if (conversation.id === item.conversationId) {
      this.#lanes.failed(item.conversationId, new NoAnswer('known and unknown at once'));
      return false;
    }
    if (await this.use.outbox.moved(item.conversationId, item.peerId, conversation)) return true;
    this.#lanes.failed(item.conversationId, new NoAnswer('another history, perhaps'));
    this.use.onConflict();
    return false;
  }

  async #settle(epoch: string | null, sent: Message[]): Promise<boolean> {
    if (sent.length === 0 || (await this.use.outbox.settle(epoch, sent))) return true;
    for (const message of sent) this.#lanes.failed(message.conversation_id, new NoAnswer('another history'));
    this.use.onConflict();
    return false;
  }
}

/** It is no message's fault that the service says so. */
function isPassingForAll(refused: Refused): boolean {
  return refused.status === 401 || refused.code === 'try_again' || refused.code === 'rate_limited';
}
