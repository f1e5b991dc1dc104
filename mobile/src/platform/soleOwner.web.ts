/**
 * A browser lets one tab alone open the database (expo/expo#36835). The first one holds a lock for its page's life; the
 * next in line gets it when that page is gone.
 */
export function whenAlone(onWaiting: () => void): Promise<void> {
  return new Promise((resolve) => {
    const waiting = setTimeout(onWaiting, 300); // longer than a page that is being reloaded takes to let go
    void navigator.locks.request('chatsvc-db', () => {
      clearTimeout(waiting);
      resolve();
      return new Promise(() => {}); // never let go
    });
  });
}
