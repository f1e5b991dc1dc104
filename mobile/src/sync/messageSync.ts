/** What is new since the seqs that are held: 'changes' of the contract, section 5, every status of it. */

import { NoAnswer, Refused } from '../core/failures';
import type { Applying } from '../repositories/applying';
import type { Mirror } from '../repositories/mirror';
import type { Send } from '../transport/rest/client';
import { isLimited, isOk, isSnapshot } from '../transport/rest/shapes';
import { changes, type Changes } from '../transport/rest/sync';
import { newConversations } from './manyConversations';

/** More answers than this in one run without an end: something is wrong, and it may go on later. */
const MAX_ANSWERS = 2_000;
const MAX_ENTRIES = 5_000;

/**
 * Asks until nothing is new. Rejects with what `send` rejects with; what has come until then stays. When the service's
 * history is another one, the mirror forgets its own: `bootstrap` comes next.
 */
export async function syncMessages(
  send: Send,
  mirror: Mirror,
  signal?: AbortSignal,
  maxEntries = MAX_ENTRIES,
): Promise<void> {
  const { epoch } = await mirror.state();
  if (epoch === null) return;
  const entries = Object.entries(await mirror.cursors());
  if (entries.length <= maxEntries) return askUntilQuiet(send, mirror, epoch, null, signal);
  for (let from = 0; from < entries.length; from += maxEntries) {
    const part = new Set(entries.slice(from, from + maxEntries).map(([id]) => id));
    await askUntilQuiet(send, mirror, epoch, part, signal);
  }
  await newConversations(send, mirror, epoch, signal);
}

/** `part` are the conversations to ask of; null asks of all, and of new ones. */
async function askUntilQuiet(
  send: Send,
  mirror: Mirror,
  epoch: string,
  part: ReadonlySet<string> | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let asked = 0; asked < MAX_ANSWERS; asked += 1) {
    const held = Object.entries(await mirror.cursors()).filter(([id]) => part?.has(id) ?? true);
    const question = {
      syncEpoch: epoch,
      afterSeqByConversation: Object.fromEntries(held),
      joined: part === null,
    };
    let answer: Changes;
    try {
      answer = await changes(send, question, signal);
    } catch (failure) {
      if (!(failure instanceof Refused) || failure.code !== 'sync_epoch_changed') throw failure;
      return mirror.forgetHistory(epoch);
    }
    const quiet = answer.users.length === 0 && Object.keys(answer.conversations).length === 0;
    if (quiet && answer.sync_epoch === epoch && !answer.has_more) return; // the usual answer: no transaction for it
    let moved = false;
    const current = await mirror.apply(answer.sync_epoch, async (applying) => {
      await applying.users(answer.users);
      for (const [id, item] of Object.entries(answer.conversations)) {
        if (await applyItem(applying, id, item)) moved = true;
      }
    });
    // Where nothing moved, asking again would give the same: a status that this version does not know, perhaps.
    if (!current || !answer.has_more || !moved) return;
  }
  throw new NoAnswer('changes have no end');
}

/** Whether something moved on. What it does not know, or what is older than what is held, it leaves untouched. */
export async function applyItem(applying: Applying, id: string, item: unknown): Promise<boolean> {
  const status = (item as { status?: unknown } | null)?.status;
  const held = await applying.cursor(id);
  if (status === 'gone') {
    await applying.drop(id);
    return held !== null;
  }
  if (status === 'ok') {
    if (!isOk(item) || item.conversation.id !== id || held === null || item.next_after_seq <= held)
      return false;
    const [first, last] = [item.messages[0], item.messages.at(-1)];
    if (first === undefined || first.seq > held + 1 || last?.seq !== item.next_after_seq) return false;
    await applying.append(item.conversation, item.messages, item.next_after_seq);
    return true;
  }
  if (!isSnapshot(item) || item.conversation.id !== id) return false;
  if (status === 'reset') {
    await applying.replace(item, { read: false });
    return true;
  }
  if (held !== null && item.head_seq <= held) return false; // late
  if (status === 'joined') {
    await applying.replace(item, { read: false });
    return true;
  }
  if (status === 'limited' && isLimited(item) && held !== null) {
    await applying.jump(item, held);
    return true;
  }
  return false;
}
