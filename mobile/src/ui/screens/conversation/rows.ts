/** A stretch of a conversation as the lines that are drawn: days, bubbles in groups, and where something is missing. */

import type { Item, Message } from '../../../repositories/messages';
import { dayOf } from '../../times';

export type Row =
  | { kind: 'top'; key: 'top' }
  | { kind: 'day'; key: string; at: number }
  | { kind: 'gap'; key: string; toSeq: number }
  | { kind: 'message'; key: string; message: Message; startsGroup: boolean; endsGroup: boolean };

/** Beyond it the same person begins anew. */
const GROUP_MS = 5 * 60_000;

/** There is always a first row for what is above it. */
export function rowsOf(items: readonly Item[]): Row[] {
  const rows: Row[] = [{ kind: 'top', key: 'top' }];
  let day: string | null = null;
  items.forEach((item, at) => {
    if (item.kind === 'gap') {
      rows.push({ kind: 'gap', key: item.key, toSeq: item.toSeq });
      return;
    }
    const { message } = item;
    if (dayOf(message.at) !== day) rows.push({ kind: 'day', key: `day ${message.key}`, at: message.at });
    day = dayOf(message.at);
    const startsGroup = !together(items[at - 1], item);
    const endsGroup = !together(item, items[at + 1]);
    rows.push({ kind: 'message', key: message.key, message, startsGroup, endsGroup });
  });
  return rows;
}

function together(one: Item | undefined, next: Item | undefined): boolean {
  if (one?.kind !== 'message' || next?.kind !== 'message') return false;
  const [before, after] = [one.message, next.message];
  const near = Math.abs(after.at - before.at) < GROUP_MS && dayOf(before.at) === dayOf(after.at);
  return near && before.senderId === after.senderId && before.state !== 'failed';
}

export function newestOf(rows: readonly Row[]): Message | null {
  const last = rows.at(-1);
  return last?.kind === 'message' ? last.message : null;
}

/** The lowest seq that is shown; null when none is. */
export function firstSeq(items: readonly Item[]): number | null {
  for (const item of items) {
    if (item.kind === 'message' && item.message.state === 'sent') return item.message.seq;
  }
  return null;
}
