import { useState } from 'react';
import { View } from 'react-native';
import { deleteMe } from '../../../usecases/sessions';
import { useApp } from '../../AppContext';
import { Button } from '../../components/Button';
import { Confirm } from '../../components/Confirm';
import { Words } from '../../components/Words';
import { useTask } from '../../hooks/useTask';
import { SPACE } from '../../theme';
import { fieldWords } from '../../words';
import { PasswordField } from '../signIn/fields';

/** For ever, so it takes the password and a second word. */
export function DeleteAccount() {
  const [open, setOpen] = useState(false);
  if (open) return <Deletion onCancel={() => setOpen(false)} />;
  return (
    <>
      <Words kind="small" tone="textSoft">
        Your account goes for ever, here and at the service. Others keep what you wrote to them.
      </Words>
      <Button
        look="plain-danger"
        word="Delete account"
        testID="delete-account"
        onPress={() => setOpen(true)}
      />
    </>
  );
}

function Deletion({ onCancel }: { onCancel: () => void }) {
  const app = useApp();
  const task = useTask();
  const [password, setPassword] = useState('');
  const confirmed = () => {
    if (password !== '') void task.run(() => deleteMe(app, password));
  };
  return (
    <View style={{ gap: SPACE.m }}>
      <PasswordField
        label="Your password"
        testID="delete-password"
        isNew={false}
        autoFocus
        value={password}
        onChangeText={setPassword}
        error={fieldWords(task.failure)['password']}
      />
      <Confirm
        question="Delete your account for ever?"
        text="Nobody can bring it back. Your username becomes free for others."
        word="Delete for ever"
        busy={task.busy}
        failure={task.failure}
        disabled={password === ''}
        onConfirm={confirmed}
        onCancel={onCancel}
      />
    </View>
  );
}
