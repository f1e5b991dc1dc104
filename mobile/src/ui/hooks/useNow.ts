import { useEffect, useState } from 'react';
import { useApp } from '../AppContext';

const STEP_MS = 30_000;

/** The time, often enough for "Today" and "Yesterday" to be true. */
export function useNow(): number {
  const { clock } = useApp().ports;
  const [now, setNow] = useState(() => clock.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(clock.now()), STEP_MS);
    return () => clearInterval(timer);
  }, [clock]);
  return now;
}
