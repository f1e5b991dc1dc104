/* Opens the app without a network: all its files are kept when it is installed. Never the service's answers. */

// `npm run web` writes here what this build is, and the files that it is made of.
const BUILD = '__BUILD__';
const FILES = JSON.parse('__FILES__');
const SHELL = '/app/';
const CACHE = `chatsvc-app-${BUILD}`;

self.addEventListener('install', (event) => {
  event.waitUntil(keep());
});

self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('chatsvc-app-') && name !== CACHE;
  const gone = caches
    .keys()
    .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(gone.then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || !url.pathname.startsWith(SHELL))
    return;
  event.respondWith(request.mode === 'navigate' ? page(request) : file(request));
});

/** All of one build, or nothing: while a new one is put in place the page may still be the old one's. */
async function keep() {
  const shell = await fetch(SHELL, { cache: 'no-cache' });
  const text = await shell.clone().text();
  if (!FILES.some((name) => name.endsWith('.js') && text.includes(name)))
    throw new Error('the page is of another build');
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
  await cache.put(SHELL, shell);
}

/** The newest; without an answer, or after three seconds without one, the one that is kept. */
async function page(request) {
  const kept = await caches.match(SHELL);
  const newest = fetch(request).then((response) => (response.ok ? response : (kept ?? response)));
  if (kept === undefined) return newest;
  const late = new Promise((resolve) => setTimeout(resolve, 3000, kept));
  return Promise.race([newest.catch(() => kept), late]);
}

/** Named by their content, so what is kept is right. */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}
