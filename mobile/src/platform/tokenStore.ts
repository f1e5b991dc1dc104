/** The refresh token in the keychain, readable after the first unlock, so that the app may sync while the phone is locked. */

import * as SecureStore from 'expo-secure-store';
import type { TokenStore } from '../core/ports';
import { keptIn } from './keptAccount';

const OPTIONS = { keychainAccessible: SecureStore.AFTER_FIRST_UNLOCK_THIS_DEVICE_ONLY };

export const tokenStore: TokenStore = keptIn({
  get: (key) => SecureStore.getItemAsync(key, OPTIONS),
  set: (key, value) => SecureStore.setItemAsync(key, value, OPTIONS),
  remove: (key) => SecureStore.deleteItemAsync(key, OPTIONS),
});
