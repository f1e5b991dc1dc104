import { useEffect, useEffectEvent } from 'react';
import { BackHandler, Platform } from 'react-native';

/** The innermost is the last: it alone is told. */
const waiting: (() => void)[] = [];

function onKeyDown(event: KeyboardEvent): void {
  const innermost = waiting.at(-1);
  if (event.key !== 'Escape' || event.isComposing || innermost === undefined) return;
  event.preventDefault();
  innermost();
}

/** Android's back and the Escape key, for as long as `active`. */
export function useBack(active: boolean, onBack: () => void): void {
  const back = useEffectEvent(onBack);
  useEffect(() => {
    if (!active) return undefined;
    const go = () => back();
    if (Platform.OS !== 'web') {
      const subscription = BackHandler.addEventListener('hardwareBackPress', () => {
        go();
        return true;
      });
      return () => subscription.remove();
    }
    // while capturing: react-native-web lets no key out of a text field
    if (waiting.push(go) === 1) window.addEventListener('keydown', onKeyDown, true);
    return () => {
      waiting.splice(waiting.lastIndexOf(go), 1);
      if (waiting.length === 0) window.removeEventListener('keydown', onKeyDown, true);
    };
  }, [active]);
}
