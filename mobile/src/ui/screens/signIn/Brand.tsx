import { View } from 'react-native';
import { Heading, Words } from '../../components/Words';
import { RADIUS, SPACE, useTheme } from '../../theme';

/** Two bubbles, and what this screen is for. */
export function Brand({ title, text }: { title: string; text?: string }) {
  const theme = useTheme();
  const bubble = { height: 18, borderRadius: RADIUS.round };
  return (
    <View style={{ gap: SPACE.l, marginBottom: SPACE.s }}>
      <View aria-hidden style={{ width: 52, gap: SPACE.xs }}>
        <View style={[bubble, { width: 36, backgroundColor: theme.edge, borderBottomLeftRadius: 4 }]} />
        <View
          style={[
            bubble,
            { width: 36, backgroundColor: theme.fill, borderBottomRightRadius: 4, alignSelf: 'flex-end' },
          ]}
        />
      </View>
      <View style={{ gap: SPACE.xs }}>
        <Heading kind="title">{title}</Heading>
        {text !== undefined && <Words tone="textSoft">{text}</Words>}
      </View>
    </View>
  );
}
