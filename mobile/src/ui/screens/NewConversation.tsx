import { useCallback, useMemo, useState } from 'react';
import { ScrollView, View } from 'react-native';
import type { Person } from '../../core/person';
import { searchPeople, startConversation } from '../../usecases/startConversation';
import { inBackground, useAccount, useApp, useConnected } from '../AppContext';
import { Field } from '../components/Field';
import { Header } from '../components/Header';
import { FailureNotice, Wait } from '../components/Notices';
import { PersonRow } from '../components/PersonRow';
import { Heading, Words } from '../components/Words';
import { useAnswer, type Answer } from '../hooks/useAnswer';
import { useLater } from '../hooks/useLater';
import { useLive } from '../hooks/useLive';
import { SPACE, useTheme } from '../theme';

const TYPING_MS = 250;

export function NewConversation({ onBack }: { onBack: () => void }) {
  const theme = useTheme();
  const [text, setText] = useState('');
  const query = text.trim();
  const settled = useLater(query, TYPING_MS);
  const answer = useSearch(settled);
  const found = settled === query && !answer.loading ? (answer.value ?? []) : [];
  const known = useKnown(query, found);
  return (
    <View style={{ flex: 1, backgroundColor: theme.surface }}>
      <Header title="New conversation" onBack={onBack} />
      <View style={{ padding: SPACE.l }}>
        <Field
          label="Search by name or username"
          testID="search"
          value={text}
          onChangeText={setText}
          maxLength={64}
          autoFocus
          autoCapitalize="none"
          autoCorrect={false}
          inputMode="search"
        />
      </View>
      <ScrollView keyboardShouldPersistTaps="handled" contentContainerStyle={{ paddingBottom: SPACE.xl }}>
        {query !== '' && (
          <Found answer={answer} people={found} waiting={settled !== query || answer.loading} />
        )}
        {known.length > 0 && <People title="People you know" people={known} />}
      </ScrollView>
    </View>
  );
}

function useSearch(query: string): Answer<Person[]> {
  const app = useApp();
  const connected = useConnected(); // when the service is back, the question is asked again
  const ask = useMemo(() => {
    if (query === '') return null;
    return (signal: AbortSignal) => searchPeople(app, query, signal);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [app, query, connected]);
  return useAnswer(ask);
}

const EVERYBODY = 5_000;

/** From the conversations on this device, so that there is somebody to write to without a network too. */
function useKnown(query: string, except: Person[]): Person[] {
  const { conversations } = useAccount();
  const listed = useLive(
    useCallback(() => conversations.list(EVERYBODY), [conversations]),
    conversations.tables,
  );
  const shown = new Set(except.map((person) => person.id));
  const prefix = query.toLocaleLowerCase();
  return (listed ?? [])
    .flatMap(({ peer }) => (peer === null || shown.has(peer.id) || !matches(peer, prefix) ? [] : [peer]))
    .sort((one, other) => one.displayName.localeCompare(other.displayName));
}

function matches({ username, displayName }: Person, prefix: string): boolean {
  return username.toLocaleLowerCase().startsWith(prefix) || displayName.toLocaleLowerCase().includes(prefix);
}

function Found({
  answer,
  people,
  waiting,
}: {
  answer: Answer<Person[]>;
  people: Person[];
  waiting: boolean;
}) {
  const connected = useConnected();
  if (waiting) return <Wait label="Searching" />;
  if (answer.failure === undefined) {
    if (people.length > 0) return <People title="Found" people={people} />;
    return <Said text="Nobody was found under this name." />;
  }
  if (!connected) return <Said text="Searching needs the service, which cannot be reached now." />;
  return (
    <View style={{ paddingHorizontal: SPACE.l }}>
      <FailureNotice failure={answer.failure} />
    </View>
  );
}

function Said({ text }: { text: string }) {
  return (
    <Words kind="small" tone="textSoft" role="status" style={{ padding: SPACE.l }}>
      {text}
    </Words>
  );
}

function People({ title, people }: { title: string; people: Person[] }) {
  const app = useApp();
  return (
    <View>
      <Heading kind="small" tone="textSoft" style={{ paddingHorizontal: SPACE.l, paddingVertical: SPACE.s }}>
        {title}
      </Heading>
      {people.map((person) => (
        <PersonRow
          key={person.id}
          person={person}
          onPress={() => inBackground(app, startConversation(app, person))}
        />
      ))}
    </View>
  );
}
