import { Empty } from './components/Notices';
import { Screen } from './components/Screen';

/** Another tab has the files. It goes on here by itself as soon as that one is closed. */
export function OpenElsewhere() {
  return (
    <Screen>
      <Empty
        testID="open-elsewhere"
        title="Open in another tab"
        text="The app runs in one tab at a time. Close the other one, and it goes on here."
      />
    </Screen>
  );
}
