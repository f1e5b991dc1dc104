import { useEffect } from 'react';
import { Platform } from 'react-native';
import type { App } from '../usecases/app';
import { AccountContext, AppContext, useSession } from './AppContext';
import { Empty, Wait } from './components/Notices';
import { Screen } from './components/Screen';
import { Ended } from './screens/Ended';
import { Main } from './screens/Main';
import { SignIn } from './screens/SignIn';
import { useTheme } from './theme';

/** Everything that is on the screen. */
export function Root({ app }: { app: App }) {
  usePageColours();
  return (
    <AppContext value={app}>
      <Door />
    </AppContext>
  );
}

function Door() {
  const session = useSession();
  switch (session.kind) {
    case 'starting':
      return (
        <Screen>
          <Wait label="Starting" />
        </Screen>
      );
    case 'signed_out':
      return <SignIn />;
    case 'ended':
      return <Ended key={session.me.id} me={session.me} unsent={session.unsent} />;
    case 'broken':
      return (
        <Screen>
          <Empty
            title="This device gives the app no storage"
            text={`Close other windows of this app, free some space, and start it again. (${session.message})`}
          />
        </Screen>
      );
    case 'signed_in':
      return (
        <AccountContext value={session.account}>
          <Main key={session.account.sessionId} />
        </AccountContext>
      );
  }
}

/** The browser's own: what shows beyond the edge, and its scroll bars. */
function usePageColours(): void {
  const { dark, surface } = useTheme();
  useEffect(() => {
    if (Platform.OS !== 'web') return;
    document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
    document.body.style.backgroundColor = surface;
  }, [dark, surface]);
}
