import { useId, useState, type Ref } from 'react';
import { Pressable, TextInput, View, type TextInputProps } from 'react-native';
import { NO_OUTLINE, RADIUS, SPACE, TOUCH, useTheme } from '../theme';
import { Words } from './Words';

interface Props extends Omit<TextInputProps, 'style' | 'secureTextEntry' | 'id'> {
  label: string;
  error?: string | undefined;
  hint?: string | undefined;
  /** A password: hidden until the person asks to see it. */
  secret?: boolean;
  inputRef?: Ref<TextInput>;
}

export function Field({ label, error, hint, secret = false, inputRef, onFocus, onBlur, ...rest }: Props) {
  const theme = useTheme();
  const noteId = useId();
  const [focused, setFocused] = useState(false);
  const [shown, setShown] = useState(false);
  const note = error ?? hint;
  const edge = error !== undefined ? theme.danger : focused ? theme.accent : theme.edge;
  return (
    <View style={{ gap: SPACE.xs }}>
      <Words kind="small" style={{ fontWeight: '600' }}>
        {label}
      </Words>
      <View style={[BOX, { borderColor: edge, backgroundColor: theme.surface }]}>
        <TextInput
          {...rest}
          {...describedBy(note === undefined ? undefined : noteId, error !== undefined)}
          ref={inputRef}
          aria-label={label}
          secureTextEntry={secret && !shown}
          placeholderTextColor={theme.textSoft}
          selectionColor={theme.accent}
          style={[INPUT, NO_OUTLINE, { color: theme.text, opacity: rest.editable === false ? 0.7 : 1 }]}
          onFocus={(event) => {
            setFocused(true);
            onFocus?.(event);
          }}
          onBlur={(event) => {
            setFocused(false);
            onBlur?.(event);
          }}
        />
        {secret && <Reveal shown={shown} onPress={() => setShown(!shown)} />}
      </View>
      {note !== undefined && (
        <Words kind="small" id={noteId} tone={error === undefined ? 'textSoft' : 'danger'}>
          {note}
        </Words>
      )}
    </View>
  );
}

/** ARIA that react-native-web takes and react-native does not know: spread, for its types have no room for it. */
function describedBy(id: string | undefined, invalid: boolean): object {
  return id === undefined ? {} : { 'aria-describedby': id, 'aria-invalid': invalid };
}

function Reveal({ shown, onPress }: { shown: boolean; onPress: () => void }) {
  return (
    <Pressable
      role="button"
      aria-label={shown ? 'Hide the password' : 'Show the password'}
      onPress={onPress}
      style={{ minHeight: TOUCH, justifyContent: 'center', paddingHorizontal: SPACE.m }}
    >
      <Words kind="small" tone="accent" style={{ fontWeight: '600' }}>
        {shown ? 'Hide' : 'Show'}
      </Words>
    </Pressable>
  );
}

const BOX = { flexDirection: 'row', alignItems: 'center', borderWidth: 1.5, borderRadius: RADIUS.m } as const;
/** 16 at least: Safari on iOS zooms into anything smaller. The edge shows the focus, so the outline need not. */
const INPUT = {
  flex: 1,
  minWidth: 0,
  minHeight: TOUCH,
  paddingHorizontal: SPACE.m,
  fontSize: 16,
  borderRadius: RADIUS.m,
} as const;
