import * as Crypto from 'expo-crypto';
import { Platform } from 'react-native';
import type { Ports } from '../core/ports';
import { files } from './files';
import { network } from './network';
import { tokenStore } from './tokenStore';

/** Where the service is. In the browser it is whoever served the app; on a phone it is told when the app is built. */
const TOLD = String(process.env['EXPO_PUBLIC_CHATSVC_URL'] ?? 'http://localhost:8000').replace(/\/+$/, '');
const BASE_URL = Platform.OS === 'web' ? '' : TOLD;

const DEVICE_NAMES: Partial<Record<typeof Platform.OS, string>> = {
  ios: 'iPhone or iPad',
  android: 'Android',
};

export function devicePorts(): Ports {
  return {
    baseUrl: BASE_URL,
    deviceName: DEVICE_NAMES[Platform.OS] ?? browserName(),
    fetch: (url, init) => fetch(url, init),
    clock: { now: () => Date.now(), elapsed: () => performance.now() },
    scheduler: {
      after(milliseconds, work) {
        const timer = setTimeout(work, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    network,
    random: Math.random,
    newId: () => Crypto.randomUUID(),
    tokenStore,
    files,
    onDefect: (failure) => console.error(failure),
  };
}

function browserName(): string {
  const agent = typeof navigator === 'undefined' ? '' : navigator.userAgent;
  return (
    /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(agent)?.[1]?.replace('Edg', 'Edge').replace('OPR', 'Opera') ??
    'Browser'
  );
}
