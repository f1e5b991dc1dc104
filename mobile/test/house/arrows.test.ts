/** Imports run one way, and Expo's native modules stay in one folder. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = join(import.meta.dirname, '../../src');

/** What a folder may import of the others. */
const ARROWS: Record<string, readonly string[]> = {
  core: [],
  transport: ['core'],
  db: ['core'],
  repositories: ['core', 'db'],
  state: ['core'],
  sync: ['core', 'repositories', 'transport'],
  usecases: ['core', 'db', 'repositories', 'state', 'sync', 'transport'],
  platform: ['core'],
  ui: ['core', 'repositories', 'state', 'usecases'],
  'Client.tsx': ['platform', 'ui', 'usecases'],
};
/** What a folder may import of packages; `platform` alone has the device. */
const PACKAGES: Record<string, readonly string[]> = {
  state: ['zustand'],
  platform: ['expo-*', 'react-native'],
  ui: ['react', 'react-native', 'zustand'],
  'Client.tsx': ['react'],
};

interface Import {
  file: string;
  from: string;
}

function importsOf(text: string, file: string): Import[] {
  const found = text.matchAll(
    /(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|import\s*\(?\s*['"]([^'"]+)['"]/g,
  );
  return [...found].map((match) => ({ file, from: (match[1] ?? match[2])! }));
}

/** Why an import may not be, or null. */
function wrong({ file, from }: Import): string | null {
  const room = file.split('/')[0]!;
  if (!(room in ARROWS)) return `${file}: no such room, ${room}`;
  if (!from.startsWith('.')) {
    const name = from.split('/')[0]!;
    const allowed = (PACKAGES[room] ?? []).some(
      (one) => one === name || (one === 'expo-*' && name.startsWith('expo-')),
    );
    return allowed ? null : `${file} imports the package ${name}`;
  }
  const target = normalize(join(dirname(file), from)).split('/')[0]!;
  return target === room || ARROWS[room]!.includes(target) ? null : `${file} imports ${target}`;
}

const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
  .map((entry) => relative(SRC, join(entry.parentPath, entry.name)));

describe('imports', () => {
  test('every one goes along an arrow', () => {
    const all = files.flatMap((file) => importsOf(readFileSync(join(SRC, file), 'utf8'), file));
    expect(all.length).toBeGreaterThan(100);
    expect(all.map(wrong).filter((line) => line !== null)).toEqual([]);
  });

  test.each([
    [
      "import { send } from '../transport/rest/client';",
      'ui/screens.tsx',
      'ui/screens.tsx imports transport',
    ],
    [
      "import type { Send } from '../../transport/rest/client';",
      'ui/screens/a.tsx',
      'ui/screens/a.tsx imports transport',
    ],
    [
      "import * as SQLite from 'expo-sqlite';",
      'db/database.ts',
      'db/database.ts imports the package expo-sqlite',
    ],
    ["const x = await import('expo-crypto');", 'ui/a.tsx', 'ui/a.tsx imports the package expo-crypto'],
    ["export { x } from '../ui/theme';", 'sync/engine.ts', 'sync/engine.ts imports ui'],
  ])('%s is seen in %s', (text, file, problem) => {
    expect(importsOf(text, file).map(wrong)).toEqual([problem]);
  });
});

test('no file is longer than what can be read at once', () => {
  const lengths = files
    .filter((file) => !file.endsWith('schema.d.ts'))
    .map((file) => ({ file, lines: readFileSync(join(SRC, file), 'utf8').split('\n').length - 1 }));
  expect(lengths.filter(({ lines }) => lines > 200)).toEqual([]);
});
