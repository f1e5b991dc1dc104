import type { ReactNode } from 'react';
import { KeyboardAvoidingView, Platform, ScrollView, StatusBar, View } from 'react-native';
import { SPACE, useTheme } from '../theme';

/**
 * What the device keeps for itself, without a package that measures it: the notch, and the bar of gestures or buttons,
 * behind which Expo draws on Android too.
 */
const TOP = Platform.select({ ios: 50, android: StatusBar.currentHeight ?? 24, default: 0 });
const BOTTOM = Platform.select({ ios: 24, android: 48, default: 0 });

/** The whole window, clear of the device's own and of the keyboard. */
export function Screen({ children }: { children: ReactNode }) {
  const theme = useTheme();
  return (
    <View style={{ flex: 1, backgroundColor: theme.surface, paddingTop: TOP, paddingBottom: BOTTOM }}>
      <StatusBar barStyle={theme.dark ? 'light-content' : 'dark-content'} />
      <KeyboardAvoidingView behavior="padding" style={{ flex: 1 }}>
        {children}
      </KeyboardAvoidingView>
    </View>
  );
}

/** A form or a notice in the middle, no wider than is good to read. */
export function Sheet({ children }: { children: ReactNode }) {
  const theme = useTheme();
  return (
    <Screen>
      <ScrollView
        keyboardShouldPersistTaps="handled"
        style={{ backgroundColor: theme.ground }}
        contentContainerStyle={{ flexGrow: 1, justifyContent: 'center', padding: SPACE.xl }}
      >
        <View role="main" style={{ width: '100%', maxWidth: 400, alignSelf: 'center', gap: SPACE.l }}>
          {children}
        </View>
      </ScrollView>
    </Screen>
  );
}
