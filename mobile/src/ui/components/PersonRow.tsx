import { Pressable, View } from 'react-native';
import type { Person } from '../../core/person';
import { isHot, SPACE, useTheme } from '../theme';
import { Avatar } from './Avatar';
import { Words } from './Words';

/** Found, to be written to. */
export function PersonRow({ person, onPress }: { person: Person; onPress: () => void }) {
  const theme = useTheme();
  return (
    <Pressable
      role="button"
      testID="person"
      aria-label={`${person.displayName}, ${person.username}`}
      onPress={onPress}
      style={(state) => ({
        flexDirection: 'row',
        alignItems: 'center',
        gap: SPACE.m,
        paddingVertical: SPACE.s,
        paddingHorizontal: SPACE.l,
        backgroundColor: isHot(state) ? theme.raised : 'transparent',
      })}
    >
      <Avatar person={person} size={42} />
      <Names person={person} />
    </Pressable>
  );
}

/** The name that somebody chose, and the one that is theirs alone. */
export function Names({ person, testID }: { person: Person; testID?: string }) {
  return (
    <View style={{ flex: 1, minWidth: 0 }}>
      <Words kind="name" numberOfLines={1} testID={testID}>
        {person.displayName}
      </Words>
      <Words kind="small" tone="textSoft" numberOfLines={1}>
        @{person.username}
      </Words>
    </View>
  );
}
