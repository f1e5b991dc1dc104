/** Colours, sizes and distances. Every text colour has a contrast of at least 4.5 to 1 on every ground it is used on. */

import { Platform, useColorScheme, useWindowDimensions } from 'react-native';

export interface Palette {
  dark: boolean;
  /** Behind everything. */
  ground: string;
  /** What lies on it: lists, headers, fields. */
  surface: string;
  /** Under a finger or a pointer, and quiet buttons. */
  raised: string;
  /** The row that is open. */
  selected: string;
  /** Between two things. */
  line: string;
  /** Around what can be filled in: 3 to 1, so that it is found. */
  edge: string;
  text: string;
  textSoft: string;
  accent: string;
  fill: string;
  onFill: string;
  onFillSoft: string;
  theirs: string;
  danger: string;
  dangerFill: string;
  dangerGround: string;
  good: string;
  notice: string;
  onNotice: string;
}

const LIGHT: Palette = {
  dark: false,
  ground: '#F4F6F9',
  surface: '#FFFFFF',
  raised: '#EEF1F6',
  selected: '#E7EDFC',
  line: '#E1E6ED',
  edge: '#808A9A',
  text: '#131A24',
  textSoft: '#586274',
  accent: '#2F55C8',
  fill: '#3459CC',
  onFill: '#FFFFFF',
  onFillSoft: '#DCE4FB',
  theirs: '#FFFFFF',
  danger: '#B3261E',
  dangerFill: '#B3261E',
  dangerGround: '#FCEAE8',
  good: '#1B6B3A',
  notice: '#FFF3D1',
  onNotice: '#5C4300',
};

const DARK: Palette = {
  dark: true,
  ground: '#0E1218',
  surface: '#151A22',
  raised: '#202733',
  selected: '#1E2A46',
  line: '#262E3B',
  edge: '#6C788A',
  text: '#E7EBF2',
  textSoft: '#9DA8B8',
  accent: '#9DB4FF',
  fill: '#3855BF',
  onFill: '#FFFFFF',
  onFillSoft: '#DFE6FF',
  theirs: '#202733',
  danger: '#FF938A',
  dangerFill: '#B3261E',
  dangerGround: '#35191A',
  good: '#7FD6A0',
  notice: '#33290F',
  onNotice: '#F2D58A',
};

export const SPACE = { xs: 4, s: 8, m: 12, l: 16, xl: 24, xxl: 40 } as const;
export const RADIUS = { s: 6, m: 10, l: 18, round: 999 } as const;
/** Nothing that is pressed is smaller (WCAG 2.5.5). */
export const TOUCH = 44;
/** The list, beside an open conversation. */
export const LIST_WIDTH = 340;
const WIDE_FROM = 800;

export function useTheme(): Palette {
  return useColorScheme() === 'dark' ? DARK : LIGHT;
}

/** Room for the list and a conversation side by side. */
export function useWide(): boolean {
  return useWindowDimensions().width >= WIDE_FROM;
}

/** White is read on all of them. */
const AVATARS = [
  '#A63A50',
  '#8A4FA3',
  '#5B5BC0',
  '#2E6FB0',
  '#1F7A80',
  '#2F7A4D',
  '#6B7425',
  '#9A5B1E',
  '#B0482F',
  '#5F6B7A',
] as const;

/** Always the same for the same person. */
export function avatarColour(id: string): string {
  let sum = 0;
  for (let at = 0; at < id.length; at += 1) sum = (sum * 31 + id.charCodeAt(at)) % 1_000_003;
  return AVATARS[sum % AVATARS.length] ?? AVATARS[0];
}

/** For what shows its focus by its edge; browsers draw another line around it. */
export const NO_OUTLINE: object = Platform.OS === 'web' ? { outlineStyle: 'none' } : {};

/** What a Pressable tells its style; `hovered` is there on the web alone. */
export function isHot(state: { pressed: boolean; hovered?: boolean | undefined }): boolean {
  return state.pressed || state.hovered === true;
}
