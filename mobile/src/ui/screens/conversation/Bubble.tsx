import { memo } from 'react';
import { View, type ViewStyle } from 'react-native';
import type { Message } from '../../../repositories/messages';
import { Check, Clock } from '../../components/Glyphs';
import { Words } from '../../components/Words';
import { RADIUS, SPACE, useTheme, type Palette } from '../../theme';
import { clockTime } from '../../times';
import { NotSent } from './NotSent';

interface Props {
  message: Message;
  /** Of the other; the own ones need none. */
  name: string;
  startsGroup: boolean;
  endsGroup: boolean;
}

/** The list is read anew after every commit; what says the same is not drawn again. */
export const Bubble = memo(Drawn, (before, after) => {
  const frame = before.name === after.name && before.startsGroup === after.startsGroup;
  return frame && before.endsGroup === after.endsGroup && same(before.message, after.message);
});

function same(one: Message, other: Message): boolean {
  const code = one.state === 'failed' ? one.code : null;
  const otherCode = other.state === 'failed' ? other.code : null;
  return (
    one.key === other.key &&
    one.state === other.state &&
    one.content === other.content &&
    one.at === other.at &&
    code === otherCode
  );
}

function Drawn({ message, name, startsGroup, endsGroup }: Props) {
  const theme = useTheme();
  const { mine, state } = message;
  return (
    <View
      testID="message"
      role="group"
      aria-label={`${mine ? 'You' : name}, ${clockTime(message.at)}`}
      style={{ alignItems: mine ? 'flex-end' : 'flex-start', marginTop: startsGroup ? SPACE.s : 2 }}
    >
      <View style={[BODY, colours(theme, message), corners(mine, startsGroup, endsGroup)]}>
        <Words selectable tone={mine ? 'onFill' : 'text'} style={{ flexShrink: 1, minWidth: 0 }}>
          {message.content}
        </Words>
        <Meta message={message} timed={endsGroup} />
      </View>
      {state === 'failed' && <NotSent clientMessageId={message.clientMessageId} code={message.code} />}
    </View>
  );
}

/** Beside the last word if there is room, else under it. */
const BODY: ViewStyle = {
  flexDirection: 'row',
  flexWrap: 'wrap',
  alignItems: 'flex-end',
  justifyContent: 'flex-end',
  columnGap: SPACE.s,
  maxWidth: '82%',
  paddingVertical: 7,
  paddingHorizontal: SPACE.m,
};

function colours(theme: Palette, { mine, state }: Message): ViewStyle {
  if (!mine) return { backgroundColor: theme.theirs, borderWidth: 1, borderColor: theme.line };
  return {
    backgroundColor: theme.fill,
    borderWidth: 1,
    borderColor: state === 'failed' ? theme.danger : theme.fill,
  };
}

/** Round where a group begins and ends, tighter where it goes on. */
function corners(mine: boolean, startsGroup: boolean, endsGroup: boolean): ViewStyle {
  const top = startsGroup ? RADIUS.l : RADIUS.s;
  const bottom = endsGroup ? RADIUS.l : RADIUS.s;
  const round = { borderRadius: RADIUS.l };
  return mine
    ? { ...round, borderTopRightRadius: top, borderBottomRightRadius: bottom }
    : { ...round, borderTopLeftRadius: top, borderBottomLeftRadius: bottom };
}

function Meta({ message, timed }: { message: Message; timed: boolean }) {
  const theme = useTheme();
  const { mine, state, at } = message;
  const tone = mine ? 'onFillSoft' : 'textSoft';
  if (!mine && !timed) return null;
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', gap: SPACE.xs, height: 18 }}>
      {timed && state !== 'sending' && (
        <Words kind="tiny" tone={tone}>
          {clockTime(at)}
        </Words>
      )}
      {state === 'sending' && (
        <View testID="message-sending" style={{ flexDirection: 'row', alignItems: 'center', gap: SPACE.xs }}>
          <Clock colour={theme.onFillSoft} />
          <Words kind="tiny" tone="onFillSoft">
            Sending
          </Words>
        </View>
      )}
      {mine && state === 'sent' && (
        <View testID="message-sent" role="img" aria-label="Sent">
          <Check colour={theme.onFillSoft} />
        </View>
      )}
    </View>
  );
}
