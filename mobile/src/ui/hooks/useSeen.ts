import { useSyncExternalStore } from 'react';
import { AppState, Platform } from 'react-native';

function listen(onChange: () => void): () => void {
  if (Platform.OS !== 'web') {
    const subscription = AppState.addEventListener('change', onChange);
    return () => subscription.remove();
  }
  window.addEventListener('focus', onChange);
  window.addEventListener('blur', onChange);
  document.addEventListener('visibilitychange', onChange);
  return () => {
    window.removeEventListener('focus', onChange);
    window.removeEventListener('blur', onChange);
    document.removeEventListener('visibilitychange', onChange);
  };
}

function isSeen(): boolean {
  if (Platform.OS !== 'web') return AppState.currentState === 'active';
  return document.visibilityState === 'visible' && document.hasFocus();
}

/** Whether somebody is likely to look: a window behind others shows nothing to anybody. */
export function useSeen(): boolean {
  return useSyncExternalStore(listen, isSeen, () => true);
}
