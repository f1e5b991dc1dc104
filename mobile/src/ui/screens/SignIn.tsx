import { useState } from 'react';
import { View } from 'react-native';
import { Button } from '../components/Button';
import { Sheet } from '../components/Screen';
import { Words } from '../components/Words';
import { useBack } from '../hooks/useBack';
import { SPACE } from '../theme';
import { Brand } from './signIn/Brand';
import { CredentialsForm } from './signIn/CredentialsForm';

type Mode = 'sign_in' | 'register';

/** For who has an account and who wants one. `onBack` leads to where the person came from, if anywhere. */
export function SignIn({ onBack }: { onBack?: () => void }) {
  const [mode, setMode] = useState<Mode>('sign_in');
  const registering = mode === 'register';
  useBack(onBack !== undefined, () => onBack?.());
  return (
    <Sheet>
      <Brand
        title={registering ? 'Create an account' : 'Sign in'}
        text={
          registering
            ? 'Pick a name that people find you by.'
            : 'Your conversations are on this device, online or not.'
        }
      />
      <CredentialsForm key={mode} mode={mode} />
      <View style={{ alignItems: 'center', gap: SPACE.xs }}>
        <Words kind="small" tone="textSoft">
          {registering ? 'You have an account already?' : 'New here?'}
        </Words>
        <Button
          look="plain"
          word={registering ? 'Sign in' : 'Create an account'}
          testID="switch-mode"
          onPress={() => setMode(registering ? 'sign_in' : 'register')}
        />
        {onBack !== undefined && <Button look="plain" word="Back" onPress={onBack} testID="back" />}
      </View>
    </Sheet>
  );
}
