import { useLayoutEffect, type RefObject } from 'react';
import { Platform, useWindowDimensions } from 'react-native';

/** As high as its text, as far as its style allows. Native fields do so by themselves; a textarea has to be told. */
export function useGrowing(field: RefObject<unknown>, text: string): void {
  const { width } = useWindowDimensions();
  useLayoutEffect(() => {
    if (Platform.OS === 'web' && field.current instanceof HTMLElement) fit(field.current);
  }, [field, text, width]);
}

function fit(area: HTMLElement): void {
  area.style.height = '0px'; // or it would never shrink
  area.style.height = `${area.scrollHeight}px`;
}
