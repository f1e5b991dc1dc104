/** On a phone the app runs once. */
export function whenAlone(_onWaiting: () => void): Promise<void> {
  return Promise.resolve();
}
