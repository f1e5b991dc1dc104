import { AppState } from 'react-native';

/** Told whether the app is in the foreground, whenever that changes. */
export function onActive(listener: (active: boolean) => void): void {
  AppState.addEventListener('change', (state) => listener(state === 'active'));
}
