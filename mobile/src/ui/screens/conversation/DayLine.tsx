import { View } from 'react-native';
import { Words } from '../../components/Words';
import { RADIUS, SPACE, useTheme } from '../../theme';
import { dayWord } from '../../times';

export function DayLine({ at, now }: { at: number; now: number }) {
  const theme = useTheme();
  return (
    <View style={{ alignItems: 'center', paddingTop: SPACE.l, paddingBottom: SPACE.s }}>
      <Words
        kind="tiny"
        tone="textSoft"
        style={{
          fontWeight: '600',
          paddingVertical: 3,
          paddingHorizontal: SPACE.m,
          borderRadius: RADIUS.round,
          backgroundColor: theme.raised,
          overflow: 'hidden',
        }}
      >
        {dayWord(at, now)}
      </Words>
    </View>
  );
}
