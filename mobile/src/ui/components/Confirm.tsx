import { useEffect, useRef, type ComponentRef } from 'react';
import { View } from 'react-native';
import { useBack } from '../hooks/useBack';
import { NO_OUTLINE, RADIUS, SPACE, useTheme } from '../theme';
import { Button } from './Button';
import { FailureNotice } from './Notices';
import { Words } from './Words';

interface Props {
  question: string;
  /** What follows from it. */
  text?: string | undefined;
  word: string;
  busy?: boolean;
  /** Something is missing for a yes, such as a password above. */
  disabled?: boolean;
  failure?: unknown;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Asks before something that cannot be undone. In its place on the screen, so nothing is covered or trapped. */
export function Confirm(props: Props) {
  const { question, text, word, busy = false, disabled = false, failure, onConfirm, onCancel } = props;
  const theme = useTheme();
  const panel = useRef<ComponentRef<typeof View>>(null);
  useBack(!busy, onCancel);
  useEffect(() => {
    if (!disabled) panel.current?.focus(); // the question is read out, and Tab leads to its answers
    // eslint-disable-next-line react-hooks/exhaustive-deps -- when it comes up, and never later
  }, []);
  return (
    <View
      ref={panel}
      role="alertdialog"
      aria-label={text === undefined ? question : `${question} ${text}`}
      {...FOCUSED_BY_CODE}
      style={[
        NO_OUTLINE,
        {
          gap: SPACE.m,
          padding: SPACE.l,
          borderRadius: RADIUS.m,
          borderWidth: 1,
          borderColor: theme.danger,
          backgroundColor: theme.surface,
        },
      ]}
    >
      <View style={{ gap: SPACE.xs }}>
        <Words kind="name">{question}</Words>
        {text !== undefined && (
          <Words kind="small" tone="textSoft">
            {text}
          </Words>
        )}
      </View>
      <FailureNotice failure={failure} />
      <View style={{ flexDirection: 'row', flexWrap: 'wrap', gap: SPACE.s }}>
        <Button
          word={word}
          look="danger"
          busy={busy}
          disabled={disabled}
          onPress={onConfirm}
          testID="confirm"
        />
        <Button word="Cancel" look="quiet" disabled={busy} onPress={onCancel} testID="cancel" />
      </View>
    </View>
  );
}

/** Takes the focus when it is given, but is no stop of the Tab key. */
const FOCUSED_BY_CODE = { tabIndex: -1 } as const;
