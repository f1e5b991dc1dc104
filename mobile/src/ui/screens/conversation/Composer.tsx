import { useRef, useState, type ComponentRef, type RefObject } from 'react';
import { Platform, TextInput, View, type TextInputKeyPressEvent } from 'react-native';
import { IconButton } from '../../components/Button';
import { ArrowUp } from '../../components/Glyphs';
import { NO_OUTLINE, SPACE, TOUCH, useTheme, useWide } from '../../theme';
import { Limit } from './Limit';
import { useComposing, type Composing } from './useComposing';
import { useGrowing } from './useGrowing';

/** Mounted once for a conversation: another one has another. */
export function Composer({ id, draft, name }: { id: string; draft: string; name: string }) {
  const theme = useTheme();
  const field = useRef<ComponentRef<typeof TextInput>>(null);
  const composing = useComposing(id, draft);
  const sendAndStay = () => {
    composing.send();
    field.current?.focus();
  };
  return (
    <View style={[BAR, { backgroundColor: theme.surface, borderTopColor: theme.line }]}>
      <View style={COLUMN}>
        <Limit text={composing.text} problem={composing.problem} />
        <View style={{ flexDirection: 'row', alignItems: 'flex-end', gap: SPACE.s }}>
          <MessageField {...composing} name={name} field={field} send={sendAndStay} />
          <IconButton
            filled
            label="Send"
            disabled={composing.problem !== null}
            onPress={sendAndStay}
            testID="send"
          >
            <ArrowUp colour={theme.onFill} />
          </IconButton>
        </View>
      </View>
    </View>
  );
}

type FieldProps = Pick<Composing, 'text' | 'write' | 'send' | 'leave'> & {
  name: string;
  field: RefObject<ComponentRef<typeof TextInput> | null>;
};

function MessageField({ text, write, send, leave, name, field }: FieldProps) {
  const theme = useTheme();
  const wide = useWide();
  const [focused, setFocused] = useState(false);
  useGrowing(field, text);
  const colours = {
    color: theme.text,
    backgroundColor: theme.ground,
    borderColor: focused ? theme.accent : theme.edge,
  };
  return (
    <TextInput
      ref={field}
      testID="composer"
      aria-label="Message"
      placeholder={`Message to ${name}`}
      placeholderTextColor={theme.textSoft}
      selectionColor={theme.accent}
      multiline
      autoFocus={Platform.OS === 'web' && wide}
      submitBehavior="newline"
      value={text}
      onChangeText={write}
      onKeyPress={(event) => {
        if (!sends(event)) return;
        event.preventDefault();
        send();
      }}
      onFocus={() => setFocused(true)}
      onBlur={() => {
        setFocused(false);
        leave();
      }}
      style={[INPUT, NO_OUTLINE, colours]}
    />
  );
}

/** Enter, where there is a keyboard: not with Shift, and not the one that ends the choice of a character. */
function sends({ nativeEvent }: TextInputKeyPressEvent): boolean {
  if (Platform.OS !== 'web' || nativeEvent.key !== 'Enter') return false;
  const event = nativeEvent as unknown as KeyboardEvent;
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Safari ends the composition before it tells of the key
  const isComposing = event.isComposing || event.keyCode === 229;
  return !event.shiftKey && !isComposing;
}

const BAR = { borderTopWidth: 1, paddingVertical: SPACE.s, paddingHorizontal: SPACE.m } as const;
const COLUMN = { width: '100%', maxWidth: 836, alignSelf: 'center', gap: SPACE.xs } as const;
/** About six lines. */
const INPUT = {
  flex: 1,
  minWidth: 0,
  minHeight: TOUCH,
  maxHeight: 152,
  paddingTop: 10,
  paddingBottom: 10,
  paddingHorizontal: SPACE.l,
  fontSize: 16,
  lineHeight: 22,
  borderWidth: 1.5,
  borderRadius: 22,
} as const;
