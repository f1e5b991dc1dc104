/** What the contract says of the texts that people type (sections 2 to 4), so that they are told before it is sent. */

export const MAX_CONTENT_CHARACTERS = 4_000;

// The Unicode property White_Space, as the service reads it: trim() also takes U+FEFF.
const BLACK = /[^\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** In code points, as the service counts. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

export function isBlank(text: string): boolean {
  return !BLACK.test(text);
}

/** Why this cannot be a message, or null. */
export function contentProblem(content: string): 'blank' | 'too_long' | 'unstorable' | null {
  if (isBlank(content)) return 'blank';
  if (lengthOf(content) > MAX_CONTENT_CHARACTERS) return 'too_long';
  return content.includes('\0') || LONE_SURROGATE.test(content) ? 'unstorable' : null;
}
