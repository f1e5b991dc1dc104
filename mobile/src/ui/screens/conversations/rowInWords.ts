import type { Conversation } from '../../../repositories/conversations';
import { dayAndTime } from '../../times';
import { count } from '../../words';

export function nameOf({ peer, kind }: Pick<Conversation, 'peer' | 'kind'>): string {
  return peer?.displayName ?? (kind === 'direct' ? 'Somebody' : 'Conversation');
}

/** All that a row shows with marks and colours, for who hears it. */
export function rowInWords(conversation: Conversation, now: number, selected: boolean): string {
  const { peer, kind, unread, waiting, failed, draft, preview, previewIsMine, activity } = conversation;
  const said = [peer === null ? nameOf(conversation) : `${peer.displayName}, ${peer.username}`];
  if (selected) said.push('open');
  if (kind === 'unsupported') said.push('a kind of conversation that this version cannot show');
  if (unread > 0) said.push(count(unread, 'unread message', 'unread messages'));
  if (draft.trim() !== '' && !selected) said.push(`draft: ${draft.slice(0, 160)}`);
  else if (preview !== null) said.push(previewIsMine ? `You: ${preview}` : preview);
  if (waiting > 0) said.push(`${count(waiting, 'message', 'messages')} waiting to be sent`);
  if (failed > 0) said.push(`${count(failed, 'message', 'messages')} not sent`);
  said.push(dayAndTime(activity, now));
  return said.join('. ');
}
