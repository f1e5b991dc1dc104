import { useState } from 'react';
import { View } from 'react-native';
import { isBlank } from '../../../core/text';
import { renameMe } from '../../../usecases/sessions';
import { useApp } from '../../AppContext';
import { Avatar } from '../../components/Avatar';
import { Button } from '../../components/Button';
import { Field } from '../../components/Field';
import { FailureNotice } from '../../components/Notices';
import { Words } from '../../components/Words';
import { useBack } from '../../hooks/useBack';
import { useMe } from '../../hooks/useMe';
import { useTask } from '../../hooks/useTask';
import { SPACE } from '../../theme';
import { Card } from './Card';

export function Profile() {
  const me = useMe();
  const [editing, setEditing] = useState(false);
  return (
    <Card>
      <View style={{ flexDirection: 'row', alignItems: 'center', gap: SPACE.l }}>
        <Avatar person={me} size={64} />
        <View style={{ flex: 1, minWidth: 0 }}>
          <Words kind="heading" testID="me-name">
            {me.displayName}
          </Words>
          <Words tone="textSoft" testID="me-username" selectable>
            {me.username}
          </Words>
        </View>
        {!editing && (
          <Button
            small
            look="plain"
            word="Edit"
            label="Edit name"
            testID="edit-name"
            onPress={() => setEditing(true)}
          />
        )}
      </View>
      {editing && <NameForm name={me.displayName} onDone={() => setEditing(false)} />}
    </Card>
  );
}

function NameForm({ name, onDone }: { name: string; onDone: () => void }) {
  const app = useApp();
  const task = useTask();
  const [text, setText] = useState(name);
  useBack(true, onDone);
  const save = async () => {
    if (isBlank(text) || task.busy) return;
    if (await task.run(() => renameMe(app, text.trim()))) onDone();
  };
  return (
    <View style={{ gap: SPACE.m }}>
      <Field
        label="Name"
        hint="What others see."
        testID="name"
        value={text}
        onChangeText={setText}
        onSubmitEditing={() => void save()}
        maxLength={64}
        autoFocus
        autoComplete="name"
        returnKeyType="done"
      />
      <FailureNotice failure={task.failure} />
      <View style={{ flexDirection: 'row', gap: SPACE.s }}>
        <Button
          word="Save"
          busy={task.busy}
          disabled={isBlank(text)}
          onPress={() => void save()}
          testID="save-name"
        />
        <Button word="Cancel" look="quiet" onPress={onDone} testID="cancel" />
      </View>
    </View>
  );
}
