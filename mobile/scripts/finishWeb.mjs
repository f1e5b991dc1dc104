/** After the export: tells the service worker which files this build is made of, and puts the build in its place. */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BASE = '/app/';
const NOT_KEPT = new Set(['sw.js', 'index.html', 'metadata.json', 'favicon.ico']);
const [folder, place] = process.argv.slice(2);

const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  .sort();
const kept = files.filter((name) => !NOT_KEPT.has(name) && !name.endsWith('.map'));

const build = createHash('sha256');
for (const name of ['index.html', ...kept]) build.update(name).update(readFileSync(join(folder, name)));

const worker = join(folder, 'sw.js');
const text = readFileSync(worker, 'utf8');
const finished = text
  .replace('__BUILD__', build.digest('hex').slice(0, 16))
  .replace('__FILES__', JSON.stringify(kept.map((name) => BASE + name)));
if (finished.includes('__BUILD__') || finished.includes('__FILES__'))
  throw new Error('sw.js has lost its places');
writeFileSync(worker, finished);

rmSync(place, { recursive: true, force: true });
renameSync(folder, place); // whole: a service that runs serves the old one or the new one
