import { memo } from 'react';
import { Pressable, View } from 'react-native';
import type { Conversation } from '../../../repositories/conversations';
import { Avatar } from '../../components/Avatar';
import { Alert, Clock } from '../../components/Glyphs';
import { Words } from '../../components/Words';
import { isHot, RADIUS, SPACE, useTheme } from '../../theme';
import { shortTime } from '../../times';
import { nameOf, rowInWords } from './rowInWords';

interface Props {
  conversation: Conversation;
  now: number;
  selected: boolean;
  onOpen: (id: string) => void;
}

/** Lists are read anew after every commit; a row that says the same is not drawn again. */
export const ConversationRow = memo(Row, (before, after) => {
  const same =
    before.selected === after.selected && before.now === after.now && before.onOpen === after.onOpen;
  return same && JSON.stringify(before.conversation) === JSON.stringify(after.conversation);
});

function Row({ conversation, now, selected, onOpen }: Props) {
  const theme = useTheme();
  const supported = conversation.kind === 'direct';
  return (
    <Pressable
      role="button"
      testID="conversation-row"
      aria-label={rowInWords(conversation, now, selected)}
      aria-disabled={!supported}
      disabled={!supported}
      onPress={() => onOpen(conversation.id)}
      style={(state) => ({
        flexDirection: 'row',
        alignItems: 'center',
        gap: SPACE.m,
        minHeight: 72,
        marginHorizontal: SPACE.s,
        paddingVertical: SPACE.s,
        paddingHorizontal: SPACE.s,
        borderRadius: RADIUS.m,
        backgroundColor: selected ? theme.selected : isHot(state) ? theme.raised : 'transparent',
      })}
    >
      <Avatar person={conversation.peer} />
      <View style={{ flex: 1, minWidth: 0, gap: 2 }}>
        <View style={LINE}>
          <Words kind="name" numberOfLines={1} style={{ flex: 1, minWidth: 0 }}>
            {nameOf(conversation)}
          </Words>
          <Words kind="tiny" tone={conversation.unread > 0 ? 'accent' : 'textSoft'}>
            {shortTime(conversation.activity, now)}
          </Words>
        </View>
        <View style={LINE}>
          <Preview conversation={conversation} selected={selected} />
          <Marks conversation={conversation} />
        </View>
      </View>
    </Pressable>
  );
}

const LINE = { flexDirection: 'row', alignItems: 'center', gap: SPACE.s } as const;

function Preview({ conversation, selected }: { conversation: Conversation; selected: boolean }) {
  const { draft, preview, previewIsMine, kind, unread } = conversation;
  const style = { flex: 1, minWidth: 0 };
  if (kind === 'unsupported') {
    return (
      <Words kind="small" tone="textSoft" numberOfLines={2} style={[style, { fontStyle: 'italic' }]}>
        A kind of conversation that this version cannot show
      </Words>
    );
  }
  if (draft.trim() !== '' && !selected) {
    return (
      <Words kind="small" tone="textSoft" numberOfLines={1} style={style}>
        <Words kind="small" tone="accent">
          Draft:{' '}
        </Words>
        {oneLine(draft)}
      </Words>
    );
  }
  return (
    <Words kind="small" tone={unread > 0 ? 'text' : 'textSoft'} numberOfLines={1} style={style}>
      {preview === null ? 'No messages yet' : (previewIsMine ? 'You: ' : '') + oneLine(preview)}
    </Words>
  );
}

/** Enough for a row; drafts may be long. */
const oneLine = (text: string): string => text.slice(0, 160).replace(/\s+/gu, ' ').trim();

function Marks({ conversation: { waiting, failed, unread } }: { conversation: Conversation }) {
  const theme = useTheme();
  return (
    <>
      {waiting > 0 && (
        <View testID="row-waiting" role="img" aria-label="Waiting to be sent">
          <Clock colour={theme.textSoft} size={14} />
        </View>
      )}
      {failed > 0 && (
        <View testID="row-failed" role="img" aria-label="Not sent">
          <Alert colour={theme.dangerFill} />
        </View>
      )}
      {unread > 0 && (
        <View testID="unread" style={[BADGE, { backgroundColor: theme.fill }]}>
          <Words kind="tiny" tone="onFill" style={{ fontWeight: '700' }}>
            {unread > 99 ? '99+' : unread}
          </Words>
        </View>
      )}
    </>
  );
}

const BADGE = {
  minWidth: 22,
  height: 22,
  paddingHorizontal: 6,
  borderRadius: RADIUS.round,
  alignItems: 'center',
  justifyContent: 'center',
} as const;
