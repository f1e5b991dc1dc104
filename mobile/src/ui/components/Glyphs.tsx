/** Marks drawn with borders: no font has to have them, and they take the colour of the text. */

import { View, type ViewStyle } from 'react-native';
import { Words } from './Words';

interface Props {
  colour: string;
  size?: number;
}

const TURNS = { left: '45deg', up: '135deg', down: '-45deg' } as const;
/** Where a square turned by 45° lies off the middle. */
const SHIFTS = { left: { marginLeft: 4 }, up: { marginTop: 4 }, down: { marginBottom: 4 } } as const;

export function Chevron({ colour, size = 11, to }: Props & { to: keyof typeof TURNS }) {
  const side: ViewStyle = { width: size, height: size, borderColor: colour };
  return (
    <View
      style={[
        side,
        SHIFTS[to],
        { borderLeftWidth: 2, borderBottomWidth: 2, transform: [{ rotate: TURNS[to] }] },
      ]}
    />
  );
}

export function Plus({ colour, size = 16 }: Props) {
  const bar: ViewStyle = { position: 'absolute', backgroundColor: colour, borderRadius: 1 };
  const middle = size / 2 - 1;
  return (
    <View style={{ width: size, height: size }}>
      <View style={[bar, { left: 0, top: middle, width: size, height: 2 }]} />
      <View style={[bar, { left: middle, top: 0, width: 2, height: size }]} />
    </View>
  );
}

export function ArrowUp({ colour, size = 16 }: Props) {
  const head: ViewStyle = {
    position: 'absolute',
    width: size * 0.6,
    height: size * 0.6,
    borderColor: colour,
  };
  return (
    <View style={{ width: size, height: size, alignItems: 'center' }}>
      <View style={{ position: 'absolute', top: 1, width: 2, height: size - 1, backgroundColor: colour }} />
      <View
        style={[head, { top: 2, borderLeftWidth: 2, borderTopWidth: 2, transform: [{ rotate: '45deg' }] }]}
      />
    </View>
  );
}

export function Check({ colour }: Props) {
  return (
    <View
      style={{
        width: 10,
        height: 6,
        marginBottom: 3,
        borderLeftWidth: 1.5,
        borderBottomWidth: 1.5,
        borderColor: colour,
        transform: [{ rotate: '-45deg' }],
      }}
    />
  );
}

export function Clock({ colour, size = 12 }: Props) {
  const hand: ViewStyle = { position: 'absolute', backgroundColor: colour };
  const middle = size / 2 - 1.5;
  return (
    <View
      style={{ width: size, height: size, borderRadius: size / 2, borderWidth: 1.5, borderColor: colour }}
    >
      <View style={[hand, { left: middle - 0.5, top: size * 0.15, width: 1.5, height: size * 0.35 }]} />
      <View style={[hand, { left: middle - 0.5, top: middle - 0.5, width: size * 0.3, height: 1.5 }]} />
    </View>
  );
}

/** Something went wrong here. */
export function Alert({ colour, size = 18 }: Props) {
  return (
    <View
      style={{
        width: size,
        height: size,
        borderRadius: size / 2,
        backgroundColor: colour,
        alignItems: 'center',
        justifyContent: 'center',
      }}
    >
      <Words tone="onFill" style={{ fontSize: size * 0.7, lineHeight: size, fontWeight: '800' }}>
        !
      </Words>
    </View>
  );
}
