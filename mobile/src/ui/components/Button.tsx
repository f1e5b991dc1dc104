import { ActivityIndicator, Pressable, type ViewStyle } from 'react-native';
import type { ReactNode } from 'react';
import { isHot, RADIUS, SPACE, TOUCH, useTheme, type Palette } from '../theme';
import { Words, type Tone } from './Words';

export type Look = 'primary' | 'quiet' | 'danger' | 'plain' | 'plain-danger';

interface Props {
  word: string;
  onPress: () => void;
  look?: Look;
  busy?: boolean;
  disabled?: boolean;
  /** Where the word alone does not say what it is about. */
  label?: string;
  small?: boolean;
  testID?: string;
}

export function Button(props: Props) {
  const { word, onPress, look = 'primary', busy = false, disabled = false, small = false } = props;
  const theme = useTheme();
  const tone = TONES[look];
  const off = disabled || busy;
  return (
    <Pressable
      role="button"
      aria-label={props.label ?? word}
      aria-busy={busy}
      aria-disabled={off}
      disabled={off}
      onPress={onPress}
      testID={props.testID}
      hitSlop={small ? SPACE.s : 0}
      style={(state) => [
        SHAPE,
        small ? SMALL : LARGE,
        ground(theme, look, isHot(state)),
        off && { opacity: 0.55 },
      ]}
    >
      {busy && <ActivityIndicator size="small" color={theme[tone]} />}
      <Words kind={small ? 'small' : 'body'} tone={tone} style={{ fontWeight: '600' }}>
        {word}
      </Words>
    </Pressable>
  );
}

interface IconProps {
  label: string;
  onPress: () => void;
  children: ReactNode;
  filled?: boolean;
  disabled?: boolean;
  testID?: string;
}

export function IconButton({
  label,
  onPress,
  children,
  filled = false,
  disabled = false,
  testID,
}: IconProps) {
  const theme = useTheme();
  return (
    <Pressable
      role="button"
      aria-label={label}
      aria-disabled={disabled}
      disabled={disabled}
      onPress={onPress}
      testID={testID}
      style={(state) => [
        ROUND,
        ground(theme, filled ? 'primary' : 'plain', isHot(state)),
        disabled && { opacity: 0.45 },
      ]}
    >
      {children}
    </Pressable>
  );
}

const TONES: Record<Look, Tone> = {
  primary: 'onFill',
  quiet: 'text',
  danger: 'onFill',
  plain: 'accent',
  'plain-danger': 'danger',
};

const SHAPE: ViewStyle = {
  flexDirection: 'row',
  alignItems: 'center',
  justifyContent: 'center',
  gap: SPACE.s,
  borderRadius: RADIUS.m,
};
const LARGE: ViewStyle = { minHeight: TOUCH + 2, paddingHorizontal: SPACE.l };
const SMALL: ViewStyle = { minHeight: 32, paddingHorizontal: SPACE.m };
const ROUND: ViewStyle = {
  width: TOUCH,
  height: TOUCH,
  borderRadius: RADIUS.round,
  alignItems: 'center',
  justifyContent: 'center',
};

function ground(theme: Palette, look: Look, hot: boolean): ViewStyle {
  if (look === 'primary') return { backgroundColor: theme.fill, opacity: hot ? 0.9 : 1 };
  if (look === 'danger') return { backgroundColor: theme.dangerFill, opacity: hot ? 0.9 : 1 };
  if (look === 'quiet') return { backgroundColor: hot ? theme.line : theme.raised };
  return { backgroundColor: hot ? theme.raised : 'transparent' };
}
