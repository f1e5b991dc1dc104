import { useCallback, useMemo, useState } from 'react';
import type { Conversation } from '../../../repositories/conversations';
import type { Stretch } from '../../../repositories/messages';
import { useAccount } from '../../AppContext';
import { Wait } from '../../components/Notices';
import { useLive } from '../../hooks/useLive';
import { nameOf } from '../conversations/rowInWords';
import { firstSeq, rowsOf } from './rows';
import { Scroller } from './Scroller';

const PAGE = 50;

/** `id` is the one that the screen was opened with, which the conversation may no longer have. */
export function MessageList({ id, conversation }: { id: string; conversation: Conversation }) {
  const { messages } = useAccount();
  const [limit, setLimit] = useState(PAGE);
  const stretch = useLive(useRead(id, conversation.headSeq, limit), messages.tables);
  const rows = useMemo(() => rowsOf(stretch?.items ?? []), [stretch]);
  const more = useCallback(() => setLimit((before) => before + PAGE), []);
  if (stretch === undefined) return <Wait label="Loading messages" />;
  const first = firstSeq(stretch.items);
  return (
    <Scroller
      conversationId={conversation.id}
      name={nameOf(conversation)}
      rows={rows}
      earlierSeq={stretch.hasEarlier && first !== null ? first - 1 : null}
      onMore={more}
    />
  );
}

/** The newest `limit`, and as many more as have come since: nothing goes at the top because something came below. */
function useRead(id: string, headSeq: number, limit: number): () => Promise<Stretch> {
  const { conversations, messages } = useAccount();
  const [headAtFirst] = useState(headSeq);
  return useCallback(async () => {
    const head = (await conversations.one(id))?.headSeq ?? headAtFirst;
    return messages.latest(id, limit + Math.max(0, head - headAtFirst));
  }, [conversations, messages, id, limit, headAtFirst]);
}
