/** Why something that the network was asked for was not done. */

/** No answer came, or none of the service's: it may or may not have been done. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** The service said no. `code` is one of the contract's, section 7. */
export class Refused extends Error {
  override name = 'Refused';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details?: unknown,
    readonly retryAfterSeconds = 0,
  ) {
    super(message);
  }
}

/** The session is over: only signing in again helps. */
export class SessionEnded extends Error {
  override name = 'SessionEnded';
}

/** The account was closed while this ran: nothing of it may be written any more. */
export class Closed extends Error {
  override name = 'Closed';
}

/** Whether doing the same again later may help. */
export function isPassing(failure: unknown): boolean {
  if (failure instanceof NoAnswer) return true;
  return (
    failure instanceof Refused && (failure.status >= 500 || failure.status === 408 || failure.status === 429)
  );
}

export function retryAfterOf(failure: unknown): number {
  return failure instanceof Refused ? failure.retryAfterSeconds : 0;
}
