import { View } from 'react-native';
import type { Person } from '../../core/person';
import { avatarColour } from '../theme';
import { Words } from './Words';

/** Nothing that the name beside it does not say, so a screen reader passes it by. */
export function Avatar({ person, size = 46 }: { person: Person | null; size?: number }) {
  return (
    <View
      aria-hidden
      style={{
        width: size,
        height: size,
        borderRadius: size / 2,
        backgroundColor: avatarColour(person?.id ?? ''),
        alignItems: 'center',
        justifyContent: 'center',
      }}
    >
      <Words
        tone="onFill"
        allowFontScaling={false}
        style={{ fontSize: size * 0.38, lineHeight: size * 0.5, fontWeight: '600' }}
      >
        {person === null ? '?' : initials(person)}
      </Words>
    </View>
  );
}

function initials({ displayName, username }: Person): string {
  const words = displayName.split(/\s+/u).filter((word) => word !== '');
  const first = firstOf(words[0] ?? username);
  return (first + (words.length > 1 ? firstOf(words.at(-1) ?? '') : '')).toLocaleUpperCase();
}

/** By code point: half of a surrogate pair is nothing. */
function firstOf(word: string): string {
  const point = word.codePointAt(0);
  return point === undefined ? '' : String.fromCodePoint(point);
}
