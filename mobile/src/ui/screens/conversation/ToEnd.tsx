import { Pressable } from 'react-native';
import { Chevron } from '../../components/Glyphs';
import { Words } from '../../components/Words';
import { isHot, RADIUS, SPACE, TOUCH, useTheme } from '../../theme';

/** Back to the newest message, for who has left it. */
export function ToEnd({ arrived, onPress }: { arrived: boolean; onPress: () => void }) {
  const theme = useTheme();
  return (
    <Pressable
      role="button"
      testID="to-end"
      aria-label={arrived ? 'New messages. Go to the newest' : 'Go to the newest message'}
      onPress={onPress}
      style={(state) => ({
        position: 'absolute',
        right: SPACE.l,
        bottom: SPACE.m,
        minWidth: TOUCH,
        height: TOUCH,
        paddingHorizontal: SPACE.m,
        flexDirection: 'row',
        alignItems: 'center',
        justifyContent: 'center',
        gap: SPACE.s,
        borderRadius: RADIUS.round,
        borderWidth: 1,
        borderColor: theme.line,
        backgroundColor: isHot(state) ? theme.raised : theme.surface,
      })}
    >
      {arrived && (
        <Words kind="small" tone="accent" style={{ fontWeight: '600' }}>
          New messages
        </Words>
      )}
      <Chevron to="down" colour={theme.accent} size={10} />
    </Pressable>
  );
}
