import { View } from 'react-native';
import { discardMessage, retryMessage } from '../../../usecases/retryMessage';
import { inBackground, useApp } from '../../AppContext';
import { Button } from '../../components/Button';
import { Words } from '../../components/Words';
import { SPACE } from '../../theme';
import { notSentWords } from '../../words';

/** Why the service did not take a message, and what can be done with it. */
export function NotSent({ clientMessageId, code }: { clientMessageId: string; code: string }) {
  const app = useApp();
  return (
    <View
      testID="message-failed"
      style={{ alignItems: 'flex-end', maxWidth: '82%', paddingTop: SPACE.xs, paddingBottom: SPACE.s }}
    >
      <Words kind="small" tone="danger" role="alert" style={{ textAlign: 'right' }}>
        Not sent: {notSentWords(code)}
      </Words>
      <View style={{ flexDirection: 'row', gap: SPACE.xs }}>
        <Button
          small
          look="plain"
          word="Try again"
          label="Try to send this message again"
          testID="retry"
          onPress={() => inBackground(app, retryMessage(app, clientMessageId))}
        />
        <Button
          small
          look="plain-danger"
          word="Delete"
          label="Delete this message"
          testID="discard"
          onPress={() => inBackground(app, discardMessage(app, clientMessageId))}
        />
      </View>
    </View>
  );
}
