import { useRef, useState, type ComponentRef } from 'react';
import { View, type TextInput } from 'react-native';
import { isBlank } from '../../../core/text';
import { register, signIn } from '../../../usecases/signIn';
import { useApp } from '../../AppContext';
import { Button } from '../../components/Button';
import { FailureNotice } from '../../components/Notices';
import { useTask } from '../../hooks/useTask';
import { SPACE } from '../../theme';
import { fieldWords } from '../../words';
import { DisplayNameField, PasswordField, UsernameField } from './fields';

interface Props {
  mode: 'sign_in' | 'register';
  /** Whose session has ended: nobody else can go on here. */
  fixedUsername?: string;
}

export function CredentialsForm({ mode, fixedUsername }: Props) {
  const { typed, change, task, complete, submit } = useCredentials(mode, fixedUsername ?? '');
  const password = useRef<ComponentRef<typeof TextInput>>(null);
  const registering = mode === 'register';
  const wrong = fieldWords(task.failure);
  const onPassword = () => password.current?.focus();
  return (
    <View style={{ gap: SPACE.l }}>
      <UsernameField
        value={typed.username}
        onChangeText={(username) => change({ username })}
        fixed={fixedUsername !== undefined}
        error={wrong['username']}
        hint={registering ? '3 to 32 letters, digits, and _ . -' : undefined}
        onSubmitEditing={onPassword}
      />
      {registering && (
        <DisplayNameField
          value={typed.displayName}
          onChangeText={(displayName) => change({ displayName })}
          error={wrong['display_name']}
          onSubmitEditing={onPassword}
        />
      )}
      <PasswordField
        value={typed.password}
        onChangeText={(next) => change({ password: next })}
        isNew={registering}
        inputRef={password}
        autoFocus={fixedUsername !== undefined}
        error={wrong['password']}
        onSubmitEditing={submit}
      />
      <FailureNotice
        failure={task.failure}
        besideFields
        signingIn={fixedUsername === undefined}
        testID="form-error"
      />
      <Button
        word={registering ? 'Create account' : 'Sign in'}
        busy={task.busy}
        disabled={!complete}
        onPress={submit}
        testID="submit"
      />
    </View>
  );
}

function useCredentials(mode: Props['mode'], username: string) {
  const app = useApp();
  const task = useTask();
  const [typed, setTyped] = useState({ username, displayName: '', password: '' });
  const complete = typed.username.trim() !== '' && typed.password !== '';
  const change = (part: Partial<typeof typed>) => setTyped((before) => ({ ...before, ...part }));
  const submit = () => {
    if (!complete || task.busy) return;
    const who = { username: typed.username.trim(), password: typed.password };
    const displayName = isBlank(typed.displayName) ? null : typed.displayName.trim();
    void task.run(() => (mode === 'register' ? register(app, { ...who, displayName }) : signIn(app, who)));
  };
  return { typed, change, task, complete, submit };
}
