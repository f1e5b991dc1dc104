import { useState, type ReactNode } from 'react';
import { ScrollView, View } from 'react-native';
import { Header } from '../../components/Header';
import { Heading } from '../../components/Words';
import { SPACE, useTheme } from '../../theme';
import { Card } from './Card';
import { DeleteAccount } from './DeleteAccount';
import { Password } from './Password';
import { Profile } from './Profile';
import { Sessions } from './Sessions';
import { SignOut } from './SignOut';

/** Who am I, where am I signed in, and how to leave. */
export function Account({ onBack }: { onBack: () => void }) {
  const theme = useTheme();
  const [passwordsChanged, setPasswordsChanged] = useState(0);
  return (
    <View testID="account" style={{ flex: 1, backgroundColor: theme.ground }}>
      <Header title="Account" onBack={onBack} />
      <ScrollView
        keyboardShouldPersistTaps="handled"
        contentContainerStyle={{
          padding: SPACE.l,
          gap: SPACE.xl,
          width: '100%',
          maxWidth: 560,
          alignSelf: 'center',
        }}
      >
        <Profile />
        <Section title="Signed in on">
          <Sessions key={passwordsChanged} />
        </Section>
        <Section title="Password">
          <Password onChanged={() => setPasswordsChanged(passwordsChanged + 1)} />
        </Section>
        <Section title="This device">
          <SignOut />
        </Section>
        <Section title="Danger">
          <DeleteAccount />
        </Section>
      </ScrollView>
    </View>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <View style={{ gap: SPACE.s }}>
      <Heading kind="small" tone="textSoft" style={{ fontWeight: '600', paddingHorizontal: SPACE.xs }}>
        {title}
      </Heading>
      <Card>{children}</Card>
    </View>
  );
}
