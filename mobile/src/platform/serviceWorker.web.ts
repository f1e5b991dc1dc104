/** So that the page opens without a network too. */
export function keepOffline(): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register('/app/sw.js', { scope: '/app/' }).catch((failure: unknown) => {
    console.warn('no service worker: the app will not open offline', failure);
  });
}
