import { useState } from 'react';
import { View } from 'react-native';
import type { Person } from '../../core/person';
import { signOut } from '../../usecases/signOut';
import { inBackground, useApp } from '../AppContext';
import { Button } from '../components/Button';
import { Confirm } from '../components/Confirm';
import { Notice } from '../components/Notices';
import { Sheet } from '../components/Screen';
import { Words } from '../components/Words';
import { SPACE } from '../theme';
import { count } from '../words';
import { Brand } from './signIn/Brand';
import { CredentialsForm } from './signIn/CredentialsForm';
import { SignIn } from './SignIn';

/** The service ended the session. What is on this device waits for its owner, whoever signs in meanwhile. */
export function Ended({ me, unsent }: { me: Person; unsent: number }) {
  const [other, setOther] = useState(false);
  if (other) return <SignIn onBack={() => setOther(false)} />;
  return (
    <Sheet>
      <Brand title="Sign in again" />
      <Notice testID="session-ended">
        <Words kind="small" tone="onNotice">
          Your session has ended. Sign in again as {me.username} to go on.
        </Words>
        {unsent > 0 && (
          <Words kind="small" tone="onNotice">
            {waitWords(unsent)}
          </Words>
        )}
      </Notice>
      <CredentialsForm mode="sign_in" fixedUsername={me.username} />
      <Leave me={me} unsent={unsent} onOther={() => setOther(true)} />
    </Sheet>
  );
}

function Leave({ me, unsent, onOther }: { me: Person; unsent: number; onOther: () => void }) {
  const app = useApp();
  const [asking, setAsking] = useState(false);
  if (asking) {
    const lost = unsent > 0 ? ` ${waitWords(unsent).replace(/\.$/u, '')}, and will be lost.` : '';
    return (
      <Confirm
        question={`Remove ${me.username} from this device?`}
        text={`Conversations and drafts are deleted here; the account stays.${lost}`}
        word="Remove"
        onConfirm={() => inBackground(app, signOut(app))}
        onCancel={() => setAsking(false)}
      />
    );
  }
  return (
    <View style={{ gap: SPACE.xs }}>
      <Button look="plain" word="Sign in as somebody else" onPress={onOther} testID="sign-in-other" />
      <Button
        look="plain-danger"
        word={`Remove ${me.username} from this device`}
        onPress={() => setAsking(true)}
        testID="forget"
      />
    </View>
  );
}

function waitWords(unsent: number): string {
  return `${count(unsent, 'message waits', 'messages wait')} to be sent.`;
}
