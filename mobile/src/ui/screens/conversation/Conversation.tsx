import { useCallback, useEffect } from 'react';
import { View } from 'react-native';
import type { Conversation as Shown } from '../../../repositories/conversations';
import { inBackground, useAccount, useApp } from '../../AppContext';
import { Avatar } from '../../components/Avatar';
import { Header } from '../../components/Header';
import { Empty, Wait } from '../../components/Notices';
import { Heading, Words } from '../../components/Words';
import { useLive } from '../../hooks/useLive';
import { useSeen } from '../../hooks/useSeen';
import { SPACE } from '../../theme';
import { nameOf } from '../conversations/rowInWords';
import { Composer } from './Composer';
import { MessageList } from './MessageList';

interface Props {
  /** One that it had before it was moved will do. */
  id: string;
  /** It is not hidden behind another pane. */
  shown: boolean;
  onBack?: (() => void) | undefined;
}

export function Conversation({ id, shown, onBack }: Props) {
  const { conversations } = useAccount();
  const conversation = useLive(
    useCallback(() => conversations.one(id), [conversations, id]),
    conversations.tables,
  );
  useReading(conversation ?? null, shown);
  return (
    <View testID="conversation" style={{ flex: 1 }}>
      <Header title={<Title conversation={conversation ?? null} />} onBack={onBack} />
      <Content id={id} conversation={conversation} />
    </View>
  );
}

/** What is before somebody's eyes is read, on this device. */
function useReading(conversation: Shown | null, shown: boolean): void {
  const app = useApp();
  const { conversations } = useAccount();
  const looking = useSeen() && shown;
  const { id = null, headSeq = 0, unread = 0 } = conversation ?? {};
  const hasNew = unread > 0;
  useEffect(() => {
    if (looking && hasNew && id !== null) inBackground(app, conversations.markRead(id, headSeq));
  }, [app, conversations, looking, hasNew, id, headSeq]);
}

function Title({ conversation }: { conversation: Shown | null }) {
  if (conversation === null) return null;
  const { peer } = conversation;
  return (
    <View style={{ flexDirection: 'row', alignItems: 'center', gap: SPACE.m }}>
      <Avatar person={peer} size={40} />
      <View style={{ flex: 1, minWidth: 0 }}>
        <Heading kind="name" numberOfLines={1} testID="conversation-title">
          {nameOf(conversation)}
        </Heading>
        {peer !== null && (
          <Words kind="small" tone="textSoft" numberOfLines={1}>
            @{peer.username}
          </Words>
        )}
      </View>
    </View>
  );
}

function Content({ id, conversation }: { id: string; conversation: Shown | null | undefined }) {
  if (conversation === undefined) return <Wait label="Loading the conversation" />;
  if (conversation === null) return <Empty title="This conversation is no longer here" />;
  if (conversation.kind === 'unsupported') {
    return (
      <Empty
        title="This version cannot show it"
        text="It is a kind of conversation that a newer version knows."
      />
    );
  }
  return (
    <>
      <MessageList id={id} conversation={conversation} />
      <Composer id={id} draft={conversation.draft} name={nameOf(conversation)} />
    </>
  );
}
