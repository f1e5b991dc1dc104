/** A phone has the app itself. */
export function keepOffline(): void {}
