import { addNetworkStateListener, type NetworkState } from 'expo-network';
import type { Network } from '../core/ports';

let online = true; // until the device says otherwise: a request's failure decides anyway
const listeners = new Set<(online: boolean) => void>();

function note(state: NetworkState): void {
  const now = state.isConnected !== false && state.isInternetReachable !== false;
  if (now === online) return;
  online = now;
  for (const listener of [...listeners]) listener(online);
}

addNetworkStateListener(note);

export const network: Network = {
  isOnline: () => online,
  onChange(listener) {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
