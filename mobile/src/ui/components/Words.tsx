import { Text, type TextProps, type TextStyle } from 'react-native';
import { useTheme, type Palette } from '../theme';

export type Kind = 'title' | 'heading' | 'body' | 'name' | 'small' | 'tiny';
export type Tone = 'text' | 'textSoft' | 'accent' | 'danger' | 'good' | 'onFill' | 'onFillSoft' | 'onNotice';

const KINDS: Record<Kind, TextStyle> = {
  title: { fontSize: 26, lineHeight: 32, fontWeight: '700' },
  heading: { fontSize: 18, lineHeight: 24, fontWeight: '600' },
  name: { fontSize: 16, lineHeight: 21, fontWeight: '600' },
  body: { fontSize: 16, lineHeight: 22 },
  small: { fontSize: 14, lineHeight: 19 },
  tiny: { fontSize: 12, lineHeight: 16 },
};

interface Props extends TextProps {
  kind?: Kind;
  tone?: Tone & keyof Palette;
}

/** All text of the app, so that there are six sizes and no more. */
export function Words({ kind = 'body', tone = 'text', style, ...rest }: Props) {
  const theme = useTheme();
  return <Text {...rest} style={[KINDS[kind], { color: theme[tone] }, style]} />;
}

/** Told to a screen reader as the name of what follows. */
export function Heading({ kind = 'heading', ...rest }: Props) {
  return <Words role="heading" aria-level={kind === 'title' ? 1 : 2} kind={kind} {...rest} />;
}
