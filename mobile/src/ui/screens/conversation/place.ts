/** Where somebody is in a conversation: at its end, and then they stay there, or at a message, and then it stays put. */

import type { ComponentRef } from 'react';
import type { LayoutChangeEvent, NativeScrollEvent, NativeSyntheticEvent, ScrollView } from 'react-native';
import { newestOf, type Row } from './rows';
import { anchorIn, gapIn, holdInPlace, scrollElement, type Anchor } from './webScroll';

export interface InView {
  atEnd: boolean;
  /** What came before is soon wanted. */
  nearTop: boolean;
  /** The key of a gap that is seen. */
  gap: string | null;
  /** Something came since the person left the end. */
  arrived: boolean;
}

const NEAR_TOP = 400;
const NEAR_END = 60;

export class Place {
  #view: ComponentRef<typeof ScrollView> | null = null;
  #rows: readonly Row[] = [];
  #anchor: Anchor | null = null;
  #atEnd = true;
  #newest: string | null = null;
  #newestWhenLeft: string | null = null;
  /** In pixels; on the web the element is asked instead. */
  #measures = { offset: 0, content: 0, visible: 0 };
  readonly #gaps = new Map<string, { top: number; bottom: number }>();
  readonly #listeners = new Set<() => void>();
  #inView: InView = { atEnd: true, nearTop: false, gap: null, arrived: false };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly inView = (): InView => this.#inView;

  attach(view: ComponentRef<typeof ScrollView> | null): void {
    this.#view = view;
  }

  /** After the rows are in place and before anybody sees them. */
  drawn(rows: readonly Row[]): void {
    const newest = newestOf(rows);
    const isOwn = newest !== null && newest.state === 'sending' && newest.key !== this.#newest;
    if (isOwn) this.#atEnd = true; // what one has just written one wants to see
    this.#newest = newest?.key ?? null;
    this.#rows = rows;
    const element = scrollElement(this.#view);
    if (element !== null && !this.#atEnd && this.#anchor !== null) holdInPlace(element, rows, this.#anchor);
    if (element !== null && this.#atEnd) element.scrollTop = element.scrollHeight;
    this.#look();
  }

  readonly scrolled = ({ nativeEvent }: NativeSyntheticEvent<NativeScrollEvent>): void => {
    const { contentOffset, contentSize, layoutMeasurement } = nativeEvent;
    this.#measures = {
      offset: contentOffset.y,
      content: contentSize.height,
      visible: layoutMeasurement.height,
    };
    const { offset, content, visible } = this.#measured();
    if (visible === 0) return; // hidden beside another pane
    const atEnd = offset + visible >= content - NEAR_END;
    if (this.#atEnd && !atEnd) this.#newestWhenLeft = this.#newest;
    this.#atEnd = atEnd;
    this.#look();
  };

  readonly contentResized = (_width: number, height: number): void => {
    this.#measures.content = height;
    this.#settle();
  };

  readonly laidOut = (event: LayoutChangeEvent): void => {
    this.#measures.visible = event.nativeEvent.layout.height;
    this.#settle();
  };

  /** Native alone: the web has the elements. */
  noteGap(key: string, event: LayoutChangeEvent): void {
    const { y, height } = event.nativeEvent.layout;
    this.#gaps.set(key, { top: y, bottom: y + height });
    this.#look();
  }

  readonly toEnd = (): void => {
    this.#atEnd = true;
    this.#settle();
  };

  #settle(): void {
    if (this.#atEnd) this.#view?.scrollToEnd({ animated: false });
    this.#look();
  }

  #measured(): { offset: number; content: number; visible: number } {
    const element = scrollElement(this.#view);
    if (element === null) return this.#measures;
    return { offset: element.scrollTop, content: element.scrollHeight, visible: element.clientHeight };
  }

  #look(): void {
    const { offset, visible } = this.#measured();
    if (visible === 0) return;
    const element = scrollElement(this.#view);
    if (element !== null) this.#anchor = anchorIn(element, this.#rows);
    this.#tell({
      atEnd: this.#atEnd,
      nearTop: offset < NEAR_TOP,
      gap: element === null ? this.#gapBetween(offset, offset + visible) : gapIn(element, this.#rows),
      arrived: !this.#atEnd && this.#newest !== this.#newestWhenLeft,
    });
  }

  #gapBetween(top: number, bottom: number): string | null {
    for (const row of this.#rows) {
      const gap = row.kind === 'gap' ? this.#gaps.get(row.key) : undefined;
      if (gap !== undefined && gap.bottom > top && gap.top < bottom) return row.key;
    }
    return null;
  }

  #tell(next: InView): void {
    const { atEnd, nearTop, gap, arrived } = this.#inView;
    if (next.atEnd === atEnd && next.nearTop === nearTop && next.gap === gap && next.arrived === arrived)
      return;
    this.#inView = next;
    for (const listener of [...this.#listeners]) listener();
  }
}
