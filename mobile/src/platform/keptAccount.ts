/** A token store in any place that keeps texts under keys. */

import type { StoredAccount, TokenStore } from '../core/ports';

export interface Keeper {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}

const ACCOUNT = 'chatsvc.account';
const LEFT = 'chatsvc.left';

export function keptIn(keeper: Keeper): TokenStore {
  return {
    async load() {
      const value = parsed(await keeper.get(ACCOUNT));
      return isAccount(value) ? value : null;
    },
    save: (account) => keeper.set(ACCOUNT, JSON.stringify(account)),
    clear: () => keeper.remove(ACCOUNT),
    async loadLeft() {
      const value = parsed(await keeper.get(LEFT));
      return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
    },
    saveLeft: (tokens) =>
      tokens.length === 0 ? keeper.remove(LEFT) : keeper.set(LEFT, JSON.stringify(tokens.slice(-MAX_LEFT))),
  };
}

/** A keychain's item is small: 2 kB on some phones. */
const MAX_LEFT = 20;

function parsed(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null; // somebody else's, or cut off: as if nothing were there
  }
}

function isAccount(value: unknown): value is StoredAccount {
  if (typeof value !== 'object' || value === null) return false;
  const account = value as Record<string, unknown>;
  const texts = [account['userId'], account['username'], account['displayName'], account['sessionId']];
  const token = account['refreshToken'];
  return texts.every((text) => typeof text === 'string') && (token === null || typeof token === 'string');
}
