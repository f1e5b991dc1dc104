/** Section 5 of the contract. */

import { NoAnswer } from '../../core/failures';
import type { Send } from './client';
import { isBootstrapPage, isChanges } from './shapes';
import type { components } from './schema';

type Schemas = components['schemas'];
export type BootstrapPage = Schemas['Bootstrap'];
export type SnapshotItem = Schemas['SnapshotItem'];
export type LimitedItem = Schemas['LimitedItem'];
export type OkItem = Schemas['OkItem'];
export type GoneItem = Schemas['GoneItem'];
/** A newer service may say more: an item is looked at before it is believed. */
export type SyncItem = OkItem | SnapshotItem | LimitedItem | GoneItem;
export type Changes = Omit<Schemas['Changes'], 'conversations'> & { conversations: Record<string, SyncItem> };

export interface Question {
  syncEpoch: string;
  afterSeqByConversation: Record<string, number>;
  /** False asks of the named conversations alone. */
  joined: boolean;
}

export async function bootstrapPage(
  send: Send,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<BootstrapPage> {
  const after = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
  const page = await send<BootstrapPage>({
    method: 'GET',
    path: `/v1/sync/bootstrap?limit=50${after}`,
    signal,
  });
  if (!isBootstrapPage(page)) throw new NoAnswer('not a page of a bootstrap');
  return page;
}

export async function changes(send: Send, question: Question, signal?: AbortSignal): Promise<Changes> {
  const { syncEpoch: sync_epoch, afterSeqByConversation: after_seq_by_conversation, joined } = question;
  const body = { sync_epoch, after_seq_by_conversation, joined };
  const answer = await send<Changes>({ method: 'POST', path: '/v1/sync/changes', body, signal });
  if (!isChanges(answer)) throw new NoAnswer('not an answer of changes');
  return answer;
}
