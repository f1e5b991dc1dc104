/** Types vanish at run time: what enters the database is looked at here first. Unknown fields are let by. */

import { isObject } from './client';
import type { Conversation } from './conversations';
import type { Message } from './messages';
import type { BootstrapPage, Changes, LimitedItem, OkItem, SnapshotItem } from './sync';
import type { User } from './users';

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isListOf = <T>(value: unknown, is: (one: unknown) => one is T): value is T[] =>
  Array.isArray(value) && value.every(is);

export function isMessage(value: unknown): value is Message {
  return (
    isObject(value) &&
    [value['id'], value['conversation_id'], value['sender_id'], value['client_message_id']].every(isText) &&
    [value['content'], value['created_at']].every(isText) &&
    isCount(value['seq'])
  );
}

export function isUser(value: unknown): value is User {
  return (
    isObject(value) &&
    [value['id'], value['username'], value['display_name'], value['updated_at']].every(isText)
  );
}

export function isConversation(value: unknown): value is Conversation {
  return (
    isObject(value) &&
    [value['id'], value['type'], value['created_at'], value['updated_at']].every(isText) &&
    isCount(value['head_seq']) &&
    isListOf(
      value['members'],
      (one): one is Conversation['members'][number] => isObject(one) && isText(one['user_id']),
    )
  );
}

/** Ascending without a gap, as the contract promises: an answer that is not would leave a hole that nothing fills. */
function isRun(messages: unknown): messages is Message[] {
  return (
    isListOf(messages, isMessage) &&
    messages.every((one, at) => at === 0 || one.seq === messages[at - 1]!.seq + 1)
  );
}

export function isOk(item: unknown): item is OkItem {
  return (
    isObject(item) &&
    isConversation(item['conversation']) &&
    isRun(item['messages']) &&
    isCount(item['next_after_seq'])
  );
}

export function isSnapshot(item: unknown): item is SnapshotItem {
  return (
    isObject(item) &&
    isConversation(item['conversation']) &&
    isRun(item['messages']) &&
    [item['from_seq'], item['head_seq']].every(isCount)
  );
}

export function isLimited(item: unknown): item is LimitedItem {
  const gap = isObject(item) ? item['gap'] : null;
  return isSnapshot(item) && isObject(gap) && isCount(gap['from_seq']) && isCount(gap['to_seq']);
}

export function isBootstrapPage(value: unknown): value is BootstrapPage {
  return (
    isObject(value) &&
    isText(value['sync_epoch']) &&
    isUser(value['me']) &&
    isListOf(value['users'], isUser) &&
    Array.isArray(value['conversations']) &&
    (value['next_cursor'] === null || isText(value['next_cursor']))
  );
}

export function isChanges(value: unknown): value is Changes {
  return (
    isObject(value) &&
    isText(value['sync_epoch']) &&
    isListOf(value['users'], isUser) &&
    isObject(value['conversations']) &&
    typeof value['has_more'] === 'boolean'
  );
}
