import type { ReactNode } from 'react';
import { View } from 'react-native';
import { SPACE, useTheme } from '../theme';
import { IconButton } from './Button';
import { Chevron } from './Glyphs';
import { Heading } from './Words';

interface Props {
  /** Text, or what stands for it. */
  title: ReactNode;
  onBack?: (() => void) | undefined;
  children?: ReactNode;
}

export function Header({ title, onBack, children }: Props) {
  const theme = useTheme();
  return (
    <View
      style={{
        flexDirection: 'row',
        alignItems: 'center',
        gap: SPACE.s,
        minHeight: 64,
        paddingLeft: onBack === undefined ? SPACE.l : SPACE.xs,
        paddingRight: SPACE.s,
        backgroundColor: theme.surface,
        borderBottomWidth: 1,
        borderBottomColor: theme.line,
      }}
    >
      {onBack !== undefined && (
        <IconButton label="Back" onPress={onBack} testID="back">
          <Chevron to="left" colour={theme.accent} />
        </IconButton>
      )}
      <View style={{ flex: 1, minWidth: 0 }}>
        {typeof title === 'string' ? <Heading>{title}</Heading> : title}
      </View>
      {children}
    </View>
  );
}
