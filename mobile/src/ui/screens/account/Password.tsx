import { useState } from 'react';
import { View } from 'react-native';
import { changePassword } from '../../../usecases/sessions';
import { useApp } from '../../AppContext';
import { Button } from '../../components/Button';
import { FailureNotice } from '../../components/Notices';
import { Words } from '../../components/Words';
import { useBack } from '../../hooks/useBack';
import { useTask } from '../../hooks/useTask';
import { SPACE } from '../../theme';
import { fieldWords } from '../../words';
import { PasswordField } from '../signIn/fields';

export function Password({ onChanged }: { onChanged: () => void }) {
  const [state, setState] = useState<'closed' | 'open' | 'changed'>('closed');
  if (state === 'open') {
    const changed = () => {
      setState('changed');
      onChanged();
    };
    return <PasswordForm onChanged={changed} onCancel={() => setState('closed')} />;
  }
  return (
    <>
      {state === 'changed' && (
        <Words kind="small" tone="good" role="status" testID="password-changed">
          Your password is changed. Every other session is over.
        </Words>
      )}
      <Button look="quiet" word="Change password" testID="change-password" onPress={() => setState('open')} />
    </>
  );
}

function PasswordForm({ onChanged, onCancel }: { onChanged: () => void; onCancel: () => void }) {
  const app = useApp();
  const task = useTask();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const wrong = fieldWords(task.failure);
  const complete = current !== '' && next !== '';
  useBack(true, onCancel);
  const change = async () => {
    if (!complete || task.busy) return;
    if (await task.run(() => changePassword(app, current, next))) onChanged();
  };
  return (
    <View style={{ gap: SPACE.m }}>
      <PasswordField
        label="Current password"
        testID="current-password"
        isNew={false}
        autoFocus
        value={current}
        onChangeText={setCurrent}
        error={wrong['current_password']}
      />
      <PasswordField
        label="New password"
        testID="new-password"
        isNew
        hint="At least 8 characters. Every other session ends."
        value={next}
        onChangeText={setNext}
        error={wrong['new_password']}
        onSubmitEditing={() => void change()}
      />
      <FailureNotice failure={task.failure} besideFields />
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: SPACE.s }}>
        <Button
          word="Change"
          busy={task.busy}
          disabled={!complete}
          onPress={() => void change()}
          testID="save-password"
        />
        <Button word="Cancel" look="quiet" onPress={onCancel} testID="cancel" />
      </View>
    </View>
  );
}
