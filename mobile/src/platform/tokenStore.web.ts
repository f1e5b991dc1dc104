/**
 * A browser has no keychain for pages: the refresh token is in localStorage, which any script of this origin can read.
 * The content security policy lets no script but the app's own run here.
 */

import type { TokenStore } from '../core/ports';
import { keptIn } from './keptAccount';

export const tokenStore: TokenStore = keptIn({
  get: (key) => Promise.resolve(localStorage.getItem(key)),
  set: (key, value) => Promise.resolve(localStorage.setItem(key, value)),
  remove: (key) => Promise.resolve(localStorage.removeItem(key)),
});
