import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { FIRST_LOAD_LIMIT_BYTES, firstLoad } from '../../build/phone/first-load.mjs';

/** Of the service worker, gzipped: what each push, and each open of the app, has to start. */
const WORKER_LIMIT_BYTES = 13_000;
/** Of what it runs for a decision. */
const DECIDER_LIMIT_BYTES = 64_000;
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(root, 'dist', 'renderer', 'phone');
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
const sha256 = (text: string | Buffer): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`;

interface Hashes {
  readonly script: string[];
  readonly style: string[];
  readonly files: Record<string, string>;
}
const hashes = JSON.parse(read('hashes.json')) as Hashes;

test('the first load of the phone fits into 180 kB, gzipped', () => {
  const { files, bytes } = firstLoad(folder);
  expect(Object.keys(files).length).toBeGreaterThan(2);
  expect(bytes, JSON.stringify(files)).toBeLessThan(FIRST_LOAD_LIMIT_BYTES);
});

test('what is loaded first has no curves in JavaScript, and zod makes no code from strings', () => {
  const first = Object.keys(firstLoad(folder).files).map(read).join('\n');
  const later = Object.keys(hashes.files).filter((file) => file.endsWith('.js'));
  // The prime of Curve25519.
  const curve =
    /0x7f{61}ed|57896044618658097711785492504343953926634992332820282019728792003956564819949/;
  const withCurves = later.filter((file) => curve.test(read(file)));
  // The page has them once; the service worker can load nothing of the page's, and has its own.
  // A hash may have a dash in it.
  expect(withCurves.map((file) => /^(assets\/plain-keys|sw)-/.exec(file)?.[1])).toEqual([
    'assets/plain-keys',
    'sw',
  ]);
  expect(curve.test(first)).toBe(false);
  expect(first).toMatch(/jitless:\s*(?:!0|true)/);
});

test('a push costs little script: what computes is apart, and as small as it can be', () => {
  const scripts = Object.keys(hashes.files).filter((file) => /^sw(?:-\w+)?\.js$/.test(file));
  const [later, worker] = scripts.map(read).toSorted((a, b) => b.length - a.length);
  expect(scripts).toHaveLength(2);
  const bytes = [worker, later].map((text) => gzipSync(String(text)).length);
  expect(bytes[0]).toBeLessThan(WORKER_LIMIT_BYTES);
  expect(bytes[1]).toBeLessThan(DECIDER_LIMIT_BYTES);
  // By the name of the second, with its hash in it.
  expect(scripts.filter((file) => worker?.includes(`"${file}"`))).toHaveLength(1);
  expect(worker).not.toMatch(/ZodError|chacha|weierstrass/i);
  expect(later).toMatch(/jitless:\s*(?:!0|true)/);
});

test('every script and style of the page is pinned to its SHA-256, and may be named in a policy', () => {
  const tags = [
    ...read('index.html').matchAll(/<(?:script|link rel="(?:stylesheet|modulepreload)")[^>]*>/g),
  ]
    .map(([tag]) => tag)
    .filter((tag) => /(?:src|href)=/.test(tag));
  const pinned = tags.map((tag) => {
    const file = /(?:src|href)="\.\/([^"]+)"/.exec(tag)?.[1] ?? '';
    return [file, /integrity="([^"]+)"/.exec(tag)?.[1]];
  });
  expect(pinned).toEqual(pinned.map(([file]) => [file, hashes.files[String(file)]]));
  const allowed = [...hashes.script, ...hashes.style];
  expect(pinned.filter(([, hash]) => !allowed.includes(String(hash)))).toEqual([]);
  const inline = [...read('index.html').matchAll(/<script[^>]*>([^<]+)<\/script>/g)];
  expect(inline.map(([, text]) => hashes.script.includes(sha256(String(text))))).toEqual([
    true,
    true,
  ]);
});

test('every script and style that is loaded later has its integrity in the import map', () => {
  const map = /<script type="importmap">([^<]+)</.exec(read('index.html'))?.[1] ?? '{}';
  const { integrity } = JSON.parse(map) as { integrity: Record<string, string> };
  const loaded = Object.entries(hashes.files)
    .filter(([file]) => /^assets\/.+\.(?:js|css)$/.test(file) && !file.includes('-worker-'))
    .map(([file, hash]) => [`./${file}`, hash]);
  expect(integrity).toEqual(Object.fromEntries(loaded));
  const [first = ''] = Object.keys(integrity).filter((file) => /\/first-.+\.js$/.test(file));
  expect(read(first)).toContain('.integrity=');
});

test('what takes the secret of a link away stands before all that loads anything', () => {
  const head = read('index.html');
  const first = /<(?:script|link|style|img)[^>]*>/.exec(head)?.[0];
  expect(first).toBe('<script>');
  expect(head).toMatch(/<script>[^<]*replaceState/);
});

test('the list of files is true, and the service worker has the same one', () => {
  const actual = Object.fromEntries(
    Object.keys(hashes.files).map((file) => [file, sha256(readFileSync(join(folder, file)))]),
  );
  expect(actual).toEqual(hashes.files);
  // The worker's own two the browser keeps itself.
  const precached = Object.fromEntries(
    Object.entries(hashes.files).filter(([file]) => !/^sw(?:-\w+)?\.js$/.test(file)),
  );
  expect(JSON.parse(/^const PRECACHED=(.*);\n/.exec(read('sw.js'))?.[1] ?? '{}')).toEqual(
    precached,
  );
});

test('nothing of it names a place on the network', () => {
  const { icons } = JSON.parse(read('manifest.webmanifest')) as { icons: { src: string }[] };
  expect(icons.filter(({ src }) => !(src in hashes.files))).toEqual([]);
  expect(read('index.html')).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
});

test('every file that the page is made of counts when it is asked whether the page is up to date', () => {
  const { files: counted } = JSON.parse(
    readFileSync(join(root, 'dist', '.stamps', 'phone.json'), 'utf8'),
  ) as { files: Record<string, unknown> };
  const entries = [
    ...['main.tsx', 'first/first-script.ts', 'worker/worker.ts'],
    'worker/decide/decide-script.ts',
  ];
  const needed = new Set([
    ...readdirSync(join(root, 'build/phone')).map((file) => `build/phone/${file}`),
    ...readdirSync(join(root, 'resources/phone')).map((file) => `resources/phone/${file}`),
    ...entries.flatMap((entry) => [...reached(`renderer/phone/${entry}`)]),
  ]);
  expect(needed.size).toBeGreaterThan(200);
  expect([...needed].filter((file) => !(file in counted))).toEqual([]);
});

/** A file and all that it imports or starts, without packages and what is only types. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!/\.tsx?$/.test(file)) return seen;
  const text = readFileSync(join(root, file), 'utf8');
  const named = text.matchAll(
    /^(?:import|export)(?! type\b)[^;]*?'(\.[^']+)'|\bimport\('(\.[^']+)'\)|new URL\('(\.[^']+)'/gm,
  );
  for (const [, imported, later, started] of named) {
    const path = posix.join(posix.dirname(file), String(imported ?? later ?? started));
    // A folder is an address, and no file.
    if (!path.endsWith('/')) reached(path, seen);
  }
  return seen;
}
