import { ActivityIndicator, View } from 'react-native';
import { Button } from '../../components/Button';
import { Words } from '../../components/Words';
import { SPACE, useTheme } from '../../theme';
import { useOlder } from './useOlder';

interface Props {
  conversationId: string;
  /** Null: this is the beginning. */
  seq: number | null;
  /** It is in view, or soon will be. */
  wanted: boolean;
  onLoaded: () => void;
}

/** Above the first message: what came before is on its way, cannot be had, or there was nothing. */
export function TopRow({ beginning, ...props }: Props & { beginning: string | null }) {
  const older = useOlder(props.conversationId, props.seq, props.wanted, props.onLoaded);
  if (props.seq === null) return beginning === null ? <View /> : <Beginning text={beginning} />;
  return (
    <View style={PLACE}>
      <State {...older} word="Earlier messages" />
    </View>
  );
}

/** Between two messages that do not follow each other. */
export function GapRow(props: Props) {
  const theme = useTheme();
  const older = useOlder(props.conversationId, props.seq, props.wanted, props.onLoaded);
  const line = { flex: 1, height: 1, backgroundColor: theme.line };
  return (
    <View testID="gap" style={[PLACE, { flexDirection: 'row', gap: SPACE.m }]}>
      <View style={line} />
      <State {...older} word="Messages are missing here" />
      <View style={line} />
    </View>
  );
}

const PLACE = {
  minHeight: 56,
  alignItems: 'center',
  justifyContent: 'center',
  paddingVertical: SPACE.s,
} as const;

function State({ failed, retry, word }: { failed: boolean; retry: () => void; word: string }) {
  const theme = useTheme();
  if (failed) {
    return <Button small look="plain" word="Cannot be loaded while offline. Try again" onPress={retry} />;
  }
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', gap: SPACE.s }}>
      <ActivityIndicator size="small" color={theme.textSoft} aria-hidden />
      <Words kind="small" tone="textSoft">
        {word}
      </Words>
    </View>
  );
}

function Beginning({ text }: { text: string }) {
  return (
    <View style={PLACE}>
      <Words kind="small" tone="textSoft" style={{ textAlign: 'center' }}>
        {text}
      </Words>
    </View>
  );
}
