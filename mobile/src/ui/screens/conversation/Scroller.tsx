import { useCallback, useLayoutEffect, useState, useSyncExternalStore, type ComponentRef } from 'react';
import { Platform, ScrollView, View } from 'react-native';
import { useNow } from '../../hooks/useNow';
import { SPACE } from '../../theme';
import { Bubble } from './Bubble';
import { DayLine } from './DayLine';
import { GapRow, TopRow } from './LoadRow';
import { Place, type InView } from './place';
import type { Row } from './rows';
import { ToEnd } from './ToEnd';

interface Props {
  conversationId: string;
  name: string;
  rows: readonly Row[];
  /** The seq above the first row; null at the beginning. */
  earlierSeq: number | null;
  /** More is held than is shown. */
  onMore: () => void;
}

export function Scroller(props: Props) {
  const { rows } = props;
  const now = useNow();
  const [place] = useState(() => new Place());
  const attach = useCallback((view: ComponentRef<typeof ScrollView> | null) => place.attach(view), [place]);
  const inView = useSyncExternalStore(place.subscribe, place.inView, place.inView);
  useLayoutEffect(() => place.drawn(rows), [place, rows]);
  return (
    <View style={{ flex: 1 }}>
      <ScrollView
        ref={attach}
        testID="messages"
        role="log"
        aria-label="Messages"
        tabIndex={0}
        keyboardShouldPersistTaps="handled"
        scrollEventThrottle={16}
        onScroll={place.scrolled}
        onContentSizeChange={place.contentResized}
        onLayout={place.laidOut}
        maintainVisibleContentPosition={{ minIndexForVisible: 1 }}
        style={[{ flex: 1 }, OWN_PLACE]}
        contentContainerStyle={CONTENT}
      >
        {rows.map((row) => (
          <View key={row.key} onLayout={gapListener(place, row)}>
            <Line {...props} row={row} inView={inView} now={now} />
          </View>
        ))}
      </ScrollView>
      {!inView.atEnd && <ToEnd arrived={inView.arrived} onPress={place.toEnd} />}
    </View>
  );
}

/** Chromium keeps the place too, Safari does not: both doing it would be twice as much. */
const OWN_PLACE: object =
  Platform.OS === 'web' ? { overflowAnchor: 'none', overscrollBehavior: 'contain' } : {};

const CONTENT = {
  flexGrow: 1,
  justifyContent: 'flex-end',
  width: '100%',
  maxWidth: 860,
  alignSelf: 'center',
  paddingHorizontal: SPACE.m,
  paddingBottom: SPACE.m,
} as const;

function gapListener(place: Place, row: Row): { (event: Parameters<Place['noteGap']>[1]): void } | undefined {
  return row.kind === 'gap' && Platform.OS !== 'web' ? (event) => place.noteGap(row.key, event) : undefined;
}

type LineProps = Props & { row: Row; inView: InView; now: number };

function Line({ row, inView, now, conversationId, name, rows, earlierSeq, onMore }: LineProps) {
  switch (row.kind) {
    case 'top': {
      const text =
        rows.length === 1
          ? `No messages yet. Say hello to ${name}.`
          : `Your conversation with ${name} begins here.`;
      const load = { conversationId, seq: earlierSeq, wanted: inView.nearTop, onLoaded: onMore };
      return <TopRow {...load} beginning={text} />;
    }
    case 'day':
      return <DayLine at={row.at} now={now} />;
    case 'gap': {
      const load = { conversationId, seq: row.toSeq, wanted: inView.gap === row.key, onLoaded: onMore };
      return <GapRow {...load} />;
    }
    case 'message':
      return (
        <Bubble message={row.message} name={name} startsGroup={row.startsGroup} endsGroup={row.endsGroup} />
      );
  }
}
