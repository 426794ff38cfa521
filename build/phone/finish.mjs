// The last step of the phone's build, on the finished files: integrity of all that the page loads,
// the manifest and its icons, the service worker's list, and hashes.json for whoever serves it.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../programs.mjs';
import { DARK, LIGHT, manifest } from './manifest.mjs';

const ICONS = [
  ...manifest.icons.map(({ src }) => src),
  'icons/apple-touch.png',
  // Of notifications.
  'icons/badge.png',
];

/** @param {string | Buffer} bytes */
export const sha256 = (bytes) => `sha256-${createHash('sha256').update(bytes).digest('base64')}`;

/**
 * `hashes.json` has `script` and `style`: what a Content-Security-Policy may name; and `files`: all
 * that belongs to the page, by path, so that a server serves nothing else.
 * @param {string} outDir
 * @param {{ chunks: { fileName: string, isEntry: boolean, imports: string[] }[], first: string, worker: string, later: string }} parts
 */
export function finishPhone(outDir, { chunks, first, worker, later }) {
  for (const icon of ICONS) copyIcon(outDir, icon);
  writeFileSync(join(outDir, 'manifest.webmanifest'), JSON.stringify(manifest));

  const hashOf = (file) => sha256(readFileSync(join(outDir, file)));
  const importMap = JSON.stringify({
    integrity: Object.fromEntries(
      [...chunks.map(({ fileName }) => fileName), ...stylesIn(outDir)].map((file) => [
        `./${file}`,
        hashOf(file),
      ]),
    ),
  });
  const page = pageWith(readFileSync(join(outDir, 'index.html'), 'utf8'), {
    first,
    importMap,
    eager: eagerOf(chunks),
    hashOf,
  });
  writeFileSync(join(outDir, 'index.html'), page);

  const precached = hashesIn(outDir, hashOf);
  // The browser keeps it with the worker, and looks for a new one only under another name.
  const laterFile = `sw-${createHash('sha256').update(later).digest('hex').slice(0, 12)}.js`;
  writeFileSync(join(outDir, laterFile), later);
  writeFileSync(
    join(outDir, 'sw.js'),
    `const PRECACHED=${JSON.stringify(precached)};\nconst LATER=${JSON.stringify(laterFile)};\n${worker}\n`,
  );
  const files = { ...precached, 'sw.js': hashOf('sw.js'), [laterFile]: hashOf(laterFile) };
  const named = (end) => Object.keys(files).filter((file) => file.endsWith(end));
  writeFileSync(
    join(outDir, 'hashes.json'),
    `${JSON.stringify(
      {
        script: [
          sha256(first),
          sha256(importMap),
          ...chunks.map(({ fileName }) => hashOf(fileName)),
        ],
        style: named('.css').map(hashOf),
        files,
      },
      null,
      2,
    )}\n`,
  );
}

/** Files that the first page load fetches: the entry's own imports, and theirs. */
export function eagerOf(chunks) {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const eager = new Set();
  const visit = (name) => {
    const chunk = byName.get(name);
    if (chunk === undefined || eager.has(name)) return;
    eager.add(name);
    chunk.imports.forEach(visit);
  };
  for (const chunk of chunks) if (chunk.isEntry) visit(chunk.fileName);
  return [...eager];
}

function pageWith(html, { first, importMap, eager, hashOf }) {
  const withIntegrity = html.replaceAll(
    /<(script|link)\b[^>]*\b(?:src|href)="\.\/([^"]+\.(?:js|css))"[^>]*>/g,
    (tag, _name, file) => tag.replace(/>$/, ` integrity="${hashOf(file)}">`),
  );
  const head = [
    // First of all: see the script itself.
    `<script>${first}</script>`,
    // Covers what is loaded later, where the browser knows how (Chrome 127, Safari 18); elsewhere
    // the service worker has verified it.
    `<script type="importmap">${importMap}</script>`,
    `<link rel="manifest" href="./manifest.webmanifest">`,
    `<link rel="icon" type="image/png" href="./icons/192.png">`,
    `<link rel="apple-touch-icon" href="./icons/apple-touch.png">`,
    `<meta name="theme-color" media="(prefers-color-scheme: light)" content="${LIGHT}">`,
    `<meta name="theme-color" media="(prefers-color-scheme: dark)" content="${DARK}">`,
    ...eager.map(
      (file) =>
        `<link rel="modulepreload" href="./${file}" integrity="${hashOf(file)}" crossorigin>`,
    ),
  ].join('\n    ');
  if (!withIntegrity.includes('<!-- head -->'))
    throw new Error('renderer/phone/index.html has no <!-- head --> to fill in.');
  return withIntegrity.replace('<!-- head -->', () => head);
}

/** The files that the page's icons are copied from. */
export const iconFiles = () => ICONS.map(iconFile);

const iconFile = (path) => join(root, 'resources', 'phone', path.replace(/^icons\//, ''));

function copyIcon(outDir, path) {
  mkdirSync(dirname(join(outDir, path)), { recursive: true });
  copyFileSync(iconFile(path), join(outDir, path));
}

const stylesIn = (outDir) =>
  readdirSync(join(outDir, 'assets'))
    .filter((file) => file.endsWith('.css'))
    .toSorted()
    .map((file) => `assets/${file}`);

function hashesIn(outDir, hashOf) {
  return Object.fromEntries(
    readdirSync(outDir, { recursive: true })
      .map((file) => String(file).replaceAll('\\', '/'))
      .filter((file) => statSync(join(outDir, file)).isFile())
      .toSorted()
      .map((file) => [file, hashOf(file)]),
  );
}
