import { useEffect, useState } from 'react';
import { contentProblem } from '../../../core/text';
import { sendMessage } from '../../../usecases/sendMessage';
import { inBackground, useAccount, useApp } from '../../AppContext';
import { useSeen } from '../../hooks/useSeen';
import { DraftKeeper } from './draftKeeper';

export interface Composing {
  text: string;
  write: (text: string) => void;
  problem: ReturnType<typeof contentProblem>;
  send: () => void;
  /** Saves what is not saved yet. */
  leave: () => void;
}

/** `draft` is what it begins with; what is typed here is newer than any draft that is read later. */
export function useComposing(id: string, draft: string): Composing {
  const app = useApp();
  const { conversations } = useAccount();
  const seen = useSeen();
  const [text, setText] = useState(draft);
  const [keeper] = useState(
    () => new DraftKeeper((unsaved) => inBackground(app, conversations.saveDraft(id, unsaved))),
  );
  useEffect(() => () => keeper.flush(), [keeper]);
  useEffect(() => {
    if (!seen) keeper.flush();
  }, [seen, keeper]);

  const write = (next: string) => {
    setText(next);
    keeper.note(next);
  };
  const problem = contentProblem(text);
  const send = () => {
    if (problem !== null) return;
    keeper.drop();
    setText('');
    const giveBack = () => setText((typedSince) => (typedSince === '' ? text : typedSince));
    inBackground(app, sendOr(giveBack));
  };
  const sendOr = async (giveBack: () => void) => {
    try {
      await sendMessage(app, id, text);
    } catch (failure) {
      giveBack();
      throw failure;
    }
  };
  return { text, write, problem, send, leave: () => keeper.flush() };
}
