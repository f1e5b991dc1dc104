import { View, type ViewStyle } from 'react-native';
import type { Ui } from '../../state/ui';
import { showConversation } from '../../usecases/startConversation';
import { useApp, useUi } from '../AppContext';
import { Empty, OfflineBanner } from '../components/Notices';
import { Screen } from '../components/Screen';
import { useBack } from '../hooks/useBack';
import { LIST_WIDTH, useTheme, useWide } from '../theme';
import { Account } from './account/Account';
import { Conversation } from './conversation/Conversation';
import { Conversations } from './conversations/Conversations';
import { NewConversation } from './NewConversation';

/** The list and a conversation side by side, or one of them where there is room for one. */
export function Main() {
  const app = useApp();
  const wide = useWide();
  const theme = useTheme();
  const pane = useUi((ui) => ui.pane);
  const conversationId = useUi((ui) => ui.conversationId);
  const conversationOnly = !wide && pane === 'conversations' && conversationId !== null;
  const paneOnly = !wide && !conversationOnly;

  const back = () => {
    if (pane === 'conversations') showConversation(app, null);
    else app.ui.setState({ pane: 'conversations' });
  };
  useBack(pane !== 'conversations' || conversationId !== null, back);

  // what there is no room for is hidden, not taken away: it keeps its place and what was typed
  const side: ViewStyle = wide
    ? { width: LIST_WIDTH, borderRightWidth: 1, borderRightColor: theme.line }
    : { flex: 1 };
  return (
    <Screen>
      <OfflineBanner />
      <View style={{ flex: 1, flexDirection: 'row' }}>
        <View style={[side, conversationOnly && HIDDEN]}>
          <Pane pane={pane} onBack={back} />
        </View>
        <View
          role="main"
          style={[{ flex: 1, minWidth: 0, backgroundColor: theme.ground }, paneOnly && HIDDEN]}
        >
          {conversationId === null ? (
            <Empty title="No conversation is open" text="Choose one from the list, or start a new one." />
          ) : (
            <Conversation
              key={conversationId}
              id={conversationId}
              shown={!paneOnly}
              onBack={conversationOnly ? back : undefined}
            />
          )}
        </View>
      </View>
    </Screen>
  );
}

const HIDDEN: ViewStyle = { display: 'none' };

function Pane({ pane, onBack }: { pane: Ui['pane']; onBack: () => void }) {
  switch (pane) {
    case 'conversations':
      return <Conversations />;
    case 'new_conversation':
      return <NewConversation onBack={onBack} />;
    case 'account':
      return <Account onBack={onBack} />;
  }
}
