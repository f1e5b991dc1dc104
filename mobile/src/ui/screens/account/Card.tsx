import type { ReactNode } from 'react';
import { View } from 'react-native';
import { RADIUS, SPACE, useTheme } from '../../theme';

/** What belongs together. */
export function Card({ children }: { children: ReactNode }) {
  const theme = useTheme();
  return (
    <View
      style={{
        gap: SPACE.m,
        padding: SPACE.l,
        borderRadius: RADIUS.m,
        borderWidth: 1,
        borderColor: theme.line,
        backgroundColor: theme.surface,
      }}
    >
      {children}
    </View>
  );
}
