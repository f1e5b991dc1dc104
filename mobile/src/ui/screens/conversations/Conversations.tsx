import { useCallback, useState } from 'react';
import { FlatList, View } from 'react-native';
import type { Conversation } from '../../../repositories/conversations';
import type { Account } from '../../../usecases/account';
import { showConversation } from '../../../usecases/startConversation';
import { useAccount, useApp, useConnected, useUi } from '../../AppContext';
import { Avatar } from '../../components/Avatar';
import { Button, IconButton } from '../../components/Button';
import { Plus } from '../../components/Glyphs';
import { Header } from '../../components/Header';
import { Empty, Wait } from '../../components/Notices';
import { Heading } from '../../components/Words';
import { useLive } from '../../hooks/useLive';
import { useMe } from '../../hooks/useMe';
import { useNow } from '../../hooks/useNow';
import { SPACE, useTheme } from '../../theme';
import { ConversationRow } from './ConversationRow';

/** What is read at once: more of them when the end of the list comes into view. */
const PAGE = 200;

export function Conversations() {
  const app = useApp();
  const { conversations } = useAccount();
  const theme = useTheme();
  const now = useNow();
  const openId = useOpenId();
  const [limit, setLimit] = useState(PAGE);
  const listed = useLive(
    useCallback(() => conversations.list(limit), [conversations, limit]),
    conversations.tables,
  );
  const open = useCallback((id: string) => showConversation(app, id), [app]);
  return (
    <View style={{ flex: 1, backgroundColor: theme.surface }}>
      <ListHeader />
      {listed === undefined ? (
        <Wait label="Loading conversations" />
      ) : (
        <FlatList
          testID="conversation-list"
          aria-label="Conversations"
          data={listed}
          extraData={openId}
          keyExtractor={keyOf}
          renderItem={({ item }) => (
            <ConversationRow conversation={item} now={now} selected={item.id === openId} onOpen={open} />
          )}
          ListEmptyComponent={<NoneYet />}
          contentContainerStyle={{ flexGrow: 1, paddingVertical: SPACE.s }}
          initialNumToRender={20}
          onEndReached={() => setLimit(listed.length < limit ? limit : limit + PAGE)}
        />
      )}
    </View>
  );
}

const keyOf = (conversation: Conversation): string => conversation.id;

/** What is open may have been begun offline, and have another id by now. */
function useOpenId(): string | null {
  const { conversations } = useAccount();
  const id = useUi((ui) => ui.conversationId);
  const read = useCallback(async () => {
    return id === null ? null : { asked: id, id: (await conversations.one(id))?.id ?? id };
  }, [conversations, id]);
  const resolved = useLive(read, conversations.tables);
  return resolved?.asked === id ? resolved.id : id;
}

function ListHeader() {
  const app = useApp();
  const theme = useTheme();
  const me = useMe();
  return (
    <Header title={<Heading kind="title">Chats</Heading>}>
      <IconButton
        label="New conversation"
        testID="new-conversation"
        onPress={() => app.ui.setState({ pane: 'new_conversation' })}
      >
        <Plus colour={theme.accent} />
      </IconButton>
      <IconButton
        label={`Account of ${me.displayName}`}
        testID="open-account"
        onPress={() => app.ui.setState({ pane: 'account' })}
      >
        <Avatar person={me} size={34} />
      </IconButton>
    </Header>
  );
}

const STATE_FROM: Account['conversations']['tables'] = ['meta'];

/** Nothing is here: because nothing is anywhere, or because the service has not told yet. */
function NoneYet() {
  const app = useApp();
  const { mirror } = useAccount();
  const connected = useConnected();
  const state = useLive(
    useCallback(() => mirror.state(), [mirror]),
    STATE_FROM,
  );
  if (state?.bootstrapped === false && connected) {
    return <Empty title="Getting your conversations…" />;
  }
  return (
    <Empty title="No conversations yet" text="Find somebody by name, and write the first message.">
      <Button
        word="Start a conversation"
        onPress={() => app.ui.setState({ pane: 'new_conversation' })}
        testID="start-first"
      />
    </Empty>
  );
}
