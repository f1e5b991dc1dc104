/** What is said when something was not done. Codes are the contract's, section 7; their messages are for developers. */

import { Closed, NoAnswer, Refused, SessionEnded } from '../core/failures';

const GENERIC = 'That did not work. Try again in a moment.';

const BY_CODE: Readonly<Record<string, string>> = {
  invalid_credentials: 'The password is wrong.',
  username_taken: 'This username is taken. Choose another.',
  user_not_found: 'This person no longer has an account.',
  conversation_not_found: 'This conversation no longer exists.',
  session_not_found: 'This session is already over.',
  cannot_message_self: 'You cannot write to yourself.',
  idempotency_conflict: 'Another message was sent in its place. Delete it and write it again.',
  payload_too_large: 'This is too large to be sent.',
  try_again: 'The service is busy. Try again in a moment.',
  internal_error: 'The service has a fault. Try again later.',
  invalid_request: 'The service did not accept this.',
};

/** What the service asks of a field, in words that help; its own are of patterns and types. */
const BY_FIELD: Readonly<Record<string, string>> = {
  username: 'Use 3 to 32 of the letters a to z, digits, and _ . -',
  password: 'Use 8 to 128 characters.',
  new_password: 'Use 8 to 128 characters.',
  current_password: 'This cannot be your password.',
  display_name: 'Use 1 to 64 characters, and no special ones.',
  content: 'This text cannot be sent.',
  query: 'Search for 1 to 64 characters.',
};

export interface Place {
  /** What is wrong with a field is said at the field itself. */
  besideFields?: boolean;
  /** The username was typed too, and the service does not say which of the two is wrong. */
  signingIn?: boolean;
}

/** Empty when there is nothing to say. */
export function failureWords(
  failure: unknown,
  { besideFields = false, signingIn = false }: Place = {},
): string {
  if (failure === undefined || failure instanceof Closed) return '';
  if (failure instanceof NoAnswer)
    return 'The service cannot be reached. Check your connection and try again.';
  if (failure instanceof SessionEnded) return 'Your session has ended. Sign in again.';
  if (!(failure instanceof Refused)) return GENERIC;
  if (failure.code === 'rate_limited') return tooMany(failure.retryAfterSeconds);
  if (failure.code === 'invalid_credentials' && signingIn) return 'The username or the password is wrong.';
  const fields = [...new Set(Object.values(fieldWords(failure)))];
  if (fields.length > 0) return besideFields ? 'This cannot be used. See what is marked.' : fields.join(' ');
  return BY_CODE[failure.code] ?? GENERIC;
}

/** By the name of the field; none for anything but `invalid_request`. */
export function fieldWords(failure: unknown): Partial<Record<string, string>> {
  if (!(failure instanceof Refused) || failure.code !== 'invalid_request' || !Array.isArray(failure.details))
    return {};
  const words: Partial<Record<string, string>> = {};
  for (const detail of failure.details as unknown[]) {
    if (!isDetail(detail)) continue;
    const name = detail.field.split('.').at(-1) ?? detail.field;
    words[name] ??= BY_FIELD[name] ?? detail.message;
  }
  return words;
}

/** Of a message that the service will never take. */
export function notSentWords(code: string): string {
  if (code === 'invalid_request') return 'The service does not accept this text.';
  return BY_CODE[code] ?? 'The service did not take it.';
}

export function count(n: number, one: string, many: string): string {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`;
}

function tooMany(seconds: number): string {
  return seconds > 0 ? `Too many tries. Wait ${Math.ceil(seconds)} s.` : 'Too many tries. Wait a little.';
}

function isDetail(value: unknown): value is { field: string; message: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { field, message } = value as { field?: unknown; message?: unknown };
  return typeof field === 'string' && typeof message === 'string';
}
