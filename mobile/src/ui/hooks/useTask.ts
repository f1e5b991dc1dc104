import { useCallback, useState } from 'react';

export interface Task {
  busy: boolean;
  /** Of the newest run; undefined when it went well. */
  failure: unknown;
  /** Whether it went well. */
  run: (work: () => Promise<void>) => Promise<boolean>;
  forget: () => void;
}

/** Something that a button sets off, once at a time. */
export function useTask(): Task {
  const [state, setState] = useState<{ busy: boolean; failure: unknown }>({
    busy: false,
    failure: undefined,
  });
  const run = useCallback(async (work: () => Promise<void>) => {
    setState({ busy: true, failure: undefined });
    try {
      await work();
      setState({ busy: false, failure: undefined });
      return true;
    } catch (failure) {
      setState({ busy: false, failure });
      return false;
    }
  }, []);
  const forget = useCallback(() => setState({ busy: false, failure: undefined }), []);
  return { ...state, run, forget };
}
