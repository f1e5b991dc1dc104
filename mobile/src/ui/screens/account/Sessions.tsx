import { useMemo, useState } from 'react';
import { View } from 'react-native';
import { endSession, listSessions, type Session } from '../../../usecases/sessions';
import { useApp, useConnected } from '../../AppContext';
import { Button } from '../../components/Button';
import { Confirm } from '../../components/Confirm';
import { FailureNotice, Wait } from '../../components/Notices';
import { Words } from '../../components/Words';
import { useAnswer } from '../../hooks/useAnswer';
import { useNow } from '../../hooks/useNow';
import { useTask } from '../../hooks/useTask';
import { SPACE, useTheme } from '../../theme';
import { dayAndTime } from '../../times';

/** Known to the service alone, so they are asked for, and again when it is back. */
export function Sessions() {
  const app = useApp();
  const connected = useConnected();
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const ask = useMemo(() => () => listSessions(app), [app, connected]);
  const { value, failure, loading, again } = useAnswer(ask);
  return (
    <>
      {failure !== undefined && (
        <>
          <FailureNotice failure={failure} />
          <Button word="Try again" look="quiet" onPress={again} testID="sessions-again" />
        </>
      )}
      {value === undefined && loading && <Wait label="Loading sessions" />}
      {sorted(value ?? []).map((session, at) => (
        <SessionRow key={session.id} session={session} first={at === 0} onEnded={again} />
      ))}
    </>
  );
}

/** This one, and then as they were used. */
function sorted(sessions: readonly Session[]): Session[] {
  return [...sessions].sort(
    (one, other) =>
      Number(other.current) - Number(one.current) ||
      Date.parse(other.last_used_at) - Date.parse(one.last_used_at),
  );
}

function SessionRow({ session, first, onEnded }: { session: Session; first: boolean; onEnded: () => void }) {
  const theme = useTheme();
  const now = useNow();
  const [asking, setAsking] = useState(false);
  const name = session.device_name ?? 'Unknown device';
  const edge = first ? {} : { borderTopWidth: 1, borderTopColor: theme.line, paddingTop: SPACE.m };
  return (
    <View testID="session" style={[{ gap: SPACE.m }, edge]}>
      <View style={{ flexDirection: 'row', alignItems: 'center', gap: SPACE.m }}>
        <View style={{ flex: 1, minWidth: 0 }}>
          <Words kind="name">{name}</Words>
          {session.current && (
            <Words kind="small" tone="good" testID="session-current" style={{ fontWeight: '600' }}>
              This device
            </Words>
          )}
          <Words kind="small" tone="textSoft">
            Last used: {dayAndTime(Date.parse(session.last_used_at), now)}
          </Words>
          <Words kind="small" tone="textSoft">
            Signed in: {dayAndTime(Date.parse(session.created_at), now)}
          </Words>
        </View>
        {!session.current && !asking && (
          <Button
            small
            look="plain-danger"
            word="End"
            label={`End the session on ${name}`}
            testID="end-session"
            onPress={() => setAsking(true)}
          />
        )}
      </View>
      {asking && (
        <EndSession id={session.id} name={name} onEnded={onEnded} onCancel={() => setAsking(false)} />
      )}
    </View>
  );
}

interface EndProps {
  id: string;
  name: string;
  onEnded: () => void;
  onCancel: () => void;
}

function EndSession({ id, name, onEnded, onCancel }: EndProps) {
  const app = useApp();
  const task = useTask();
  const end = async () => {
    if (await task.run(() => endSession(app, id))) onEnded();
  };
  return (
    <Confirm
      question={`End the session on ${name}?`}
      text="Whoever uses it has to sign in again."
      word="End session"
      busy={task.busy}
      failure={task.failure}
      onConfirm={() => void end()}
      onCancel={onCancel}
    />
  );
}
