import type { ReactNode } from 'react';
import { ActivityIndicator, View } from 'react-native';
import { useConnected } from '../AppContext';
import { RADIUS, SPACE, useTheme } from '../theme';
import { failureWords, type Place } from '../words';
import { Words } from './Words';

/** Says that the service is away. Nothing is kept from anybody meanwhile. */
export function OfflineBanner() {
  const theme = useTheme();
  if (useConnected()) return null;
  return (
    <View
      role="alert"
      aria-live="polite"
      testID="offline"
      style={{
        backgroundColor: theme.notice,
        paddingVertical: 6,
        paddingHorizontal: SPACE.l,
        alignItems: 'center',
      }}
    >
      <Words kind="small" tone="onNotice">
        Offline. Messages are sent when the service can be reached.
      </Words>
    </View>
  );
}

/** Something that the person should know before going on. */
export function Notice({ children, testID }: { children: ReactNode; testID?: string }) {
  const theme = useTheme();
  return (
    <View
      role="status"
      testID={testID}
      style={{ backgroundColor: theme.notice, borderRadius: RADIUS.m, padding: SPACE.l, gap: SPACE.xs }}
    >
      {children}
    </View>
  );
}

interface FailureProps extends Place {
  failure: unknown;
  testID?: string;
}

/** Why something was not done; nothing when it was. */
export function FailureNotice({ failure, testID, ...place }: FailureProps) {
  const theme = useTheme();
  const words = failureWords(failure, place);
  if (words === '') return null;
  return (
    <View
      role="alert"
      aria-live="assertive"
      testID={testID}
      style={{ backgroundColor: theme.dangerGround, borderRadius: RADIUS.m, padding: SPACE.m }}
    >
      <Words kind="small" tone="danger">
        {words}
      </Words>
    </View>
  );
}

interface EmptyProps {
  title: string;
  text?: string;
  children?: ReactNode;
  testID?: string;
}

/** Where nothing is shown yet, or nothing is there. */
export function Empty({ title, text, children, testID }: EmptyProps) {
  return (
    <View
      testID={testID}
      style={{ flex: 1, alignItems: 'center', justifyContent: 'center', padding: SPACE.xl, gap: SPACE.m }}
    >
      <Words kind="heading" style={{ textAlign: 'center' }}>
        {title}
      </Words>
      {text !== undefined && (
        <Words tone="textSoft" style={{ textAlign: 'center', maxWidth: 320 }}>
          {text}
        </Words>
      )}
      {children}
    </View>
  );
}

export function Wait({ label }: { label: string }) {
  const theme = useTheme();
  return (
    <View style={{ padding: SPACE.xl, alignItems: 'center', justifyContent: 'center' }}>
      <ActivityIndicator aria-label={label} color={theme.accent} />
    </View>
  );
}
