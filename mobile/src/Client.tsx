/** Puts the device and the screens together; nothing else knows both. */

import { useEffect, useState } from 'react';
import type { App } from './usecases/app';
import { createApp } from './usecases/app';
import { accountOf } from './usecases/app';
import { resume } from './usecases/resume';
import { onActive } from './platform/lifecycle';
import { devicePorts } from './platform/ports';
import { keepOffline } from './platform/serviceWorker';
import { whenAlone } from './platform/soleOwner';
import { OpenElsewhere } from './ui/OpenElsewhere';
import { Root } from './ui/Root';

/** One owner of the files at a time: another tab waits, and goes on by itself when the first one is closed. */
async function begin(app: App, onWaiting: (waiting: boolean) => void): Promise<void> {
  await whenAlone(() => onWaiting(true));
  onWaiting(false);
  await resume(app);
  onActive((active) => accountOf(app)?.engine.setActive(active));
}

export function Client() {
  const [app] = useState(() => createApp(devicePorts()));
  const [waiting, setWaiting] = useState(false);
  useEffect(() => {
    keepOffline();
    void begin(app, setWaiting);
  }, [app]);
  return waiting ? <OpenElsewhere /> : <Root app={app} />;
}
