import { useEffect, useEffectEvent, useState } from 'react';
import { loadOlder } from '../../../usecases/loadOlder';
import { inBackground, useApp, useConnected } from '../../AppContext';

interface Older {
  failed: boolean;
  retry: () => void;
}

/**
 * Gets what is missing up to and with `seq` while it is `wanted`, and says when it is here. Once: what failed is tried
 * again when the person asks, or when the service is back, never by itself in a loop. Null: nothing is missing.
 */
export function useOlder(
  conversationId: string,
  seq: number | null,
  wanted: boolean,
  onLoaded: () => void,
): Older {
  const app = useApp();
  const connected = useConnected();
  const [attempt, setAttempt] = useState(0);
  const [failedAt, setFailedAt] = useState<string | null>(null);
  const asked = `${seq} ${attempt} ${connected}`;
  const loaded = useEffectEvent(onLoaded);
  useEffect(() => {
    if (!wanted || seq === null) return undefined;
    let left = false;
    const load = async () => {
      const done = await loadOlder(app, conversationId, seq);
      if (left) return;
      if (done) loaded();
      else setFailedAt(asked);
    };
    inBackground(app, load());
    return () => {
      left = true;
    };
  }, [app, conversationId, seq, wanted, asked]);
  return { failed: failedAt === asked, retry: () => setAttempt(attempt + 1) };
}
