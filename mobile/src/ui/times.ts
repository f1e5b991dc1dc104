/** Times as people say them. In the language of the device, but for the two words that no Intl has on its own. */

const DAY_MS = 86_400_000;

export const dayOf = (at: number): string => new Date(at).toDateString();

export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

/** For the line between two days of a conversation. */
export function dayWord(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return 'Today';
  if (dayOf(at) === dayBefore(now)) return 'Yesterday';
  const date = new Date(at);
  if (isThisWeek(at, now)) return date.toLocaleDateString(undefined, { weekday: 'long' });
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return date.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** For a row of the list, where there is little room. */
export function shortTime(at: number, now: number): string {
  if (dayOf(at) === dayOf(now)) return clockTime(at);
  if (dayOf(at) === dayBefore(now)) return 'Yesterday';
  const date = new Date(at);
  if (isThisWeek(at, now)) return date.toLocaleDateString(undefined, { weekday: 'short' });
  return date.toLocaleDateString(undefined, { day: 'numeric', month: 'numeric', year: '2-digit' });
}

export function dayAndTime(at: number, now: number): string {
  return `${dayWord(at, now)}, ${clockTime(at)}`;
}

function isThisWeek(at: number, now: number): boolean {
  return at < now && now - at < 6 * DAY_MS;
}

/** Not 24 hours ago: a day in which the clocks change is longer or shorter. */
function dayBefore(now: number): string {
  const date = new Date(now);
  date.setDate(date.getDate() - 1);
  return date.toDateString();
}
