import { useCallback, useState } from 'react';
import { signOut } from '../../../usecases/signOut';
import { inBackground, useAccount, useApp } from '../../AppContext';
import { Button } from '../../components/Button';
import { Confirm } from '../../components/Confirm';
import { Words } from '../../components/Words';
import { useLive } from '../../hooks/useLive';
import { count } from '../../words';

/** The one thing that deletes what is on this device, so it says what would be lost. */
export function SignOut() {
  const app = useApp();
  const { conversations } = useAccount();
  const [asking, setAsking] = useState(false);
  const unsent = useLive(
    useCallback(() => conversations.countUnsent(), [conversations]),
    conversations.tables,
  );
  if (!asking) {
    return (
      <>
        <Words kind="small" tone="textSoft">
          Signing out deletes conversations and drafts here. What was sent stays with the service.
        </Words>
        <Button look="quiet" word="Sign out" testID="sign-out" onPress={() => setAsking(true)} />
      </>
    );
  }
  return (
    <Confirm
      question="Sign out on this device?"
      text={lossWords(unsent ?? 0)}
      word="Sign out"
      onConfirm={() => inBackground(app, signOut(app))}
      onCancel={() => setAsking(false)}
    />
  );
}

function lossWords(unsent: number): string {
  const always = 'Conversations and drafts are deleted here.';
  if (unsent === 0) return always;
  const lost = count(unsent, 'message that was not sent is lost', 'messages that were not sent are lost');
  return `${always} ${lost} for ever.`;
}
