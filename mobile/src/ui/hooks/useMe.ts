import { useCallback } from 'react';
import type { Person } from '../../core/person';
import { useAccount } from '../AppContext';
import { useLive } from './useLive';

/** Who is signed in, under the name that was last heard of. */
export function useMe(): Person {
  const { me, people } = useAccount();
  const held = useLive(
    useCallback(() => people.one(me.id), [people, me.id]),
    people.tables,
  );
  return held ?? me;
}
