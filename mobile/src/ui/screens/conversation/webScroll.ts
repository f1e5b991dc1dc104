/**
 * On the web what is read must not move when messages are put above it, and react-native-web tells of the new size
 * only after the browser has drawn it: so the browser's own measures are taken, before it draws. Elsewhere
 * `maintainVisibleContentPosition` does this.
 */

import { Platform } from 'react-native';
import type { Row } from './rows';

export interface Anchor {
  key: string;
  top: number;
}

/** The element that scrolls; null but on the web. */
export function scrollElement(view: { getScrollableNode(): unknown } | null): HTMLElement | null {
  return Platform.OS === 'web' && view !== null ? (view.getScrollableNode() as HTMLElement) : null;
}

/** One element for every row, in the same order. */
function elementsOf(scroller: HTMLElement): ArrayLike<HTMLElement> {
  return (scroller.firstElementChild?.children ?? []) as ArrayLike<HTMLElement>;
}

/** The first message that is in view, and where it is: to be found again when the rows have changed. */
export function anchorIn(scroller: HTMLElement, rows: readonly Row[]): Anchor | null {
  const elements = elementsOf(scroller);
  for (let at = firstInView(scroller); at < rows.length; at += 1) {
    const [row, element] = [rows[at], elements[at]];
    if (row?.kind === 'message' && element !== undefined) return { key: row.key, top: element.offsetTop };
  }
  return null;
}

/** Scrolls by as much as the rows have moved. */
export function holdInPlace(scroller: HTMLElement, rows: readonly Row[], anchor: Anchor): void {
  const element = elementsOf(scroller)[rows.findIndex((row) => row.key === anchor.key)];
  if (element !== undefined && element.offsetTop !== anchor.top)
    scroller.scrollTop += element.offsetTop - anchor.top;
}

export function gapIn(scroller: HTMLElement, rows: readonly Row[]): string | null {
  const elements = elementsOf(scroller);
  const end = scroller.scrollTop + scroller.clientHeight;
  for (let at = firstInView(scroller); at < rows.length; at += 1) {
    const [row, element] = [rows[at], elements[at]];
    if (row === undefined || element === undefined || element.offsetTop > end) return null;
    if (row.kind === 'gap') return row.key;
  }
  return null;
}

/** By halves: there may be thousands. */
function firstInView(scroller: HTMLElement): number {
  const elements = elementsOf(scroller);
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const element = elements[middle];
    if (element !== undefined && element.offsetTop + element.offsetHeight > scroller.scrollTop) high = middle;
    else low = middle + 1;
  }
  return low;
}
