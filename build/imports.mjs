// Who imports whom in the whole tree, as dependency-cruiser reads it with .dependency-cruiser.cjs.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './programs.mjs';

const FOLDERS = ['src', 'renderer', 'build', 'tests'];
const LIMIT_MS = 120_000;
const MAX_BYTES = 256 * 1024 * 1024;

/** @returns {Promise<import('dependency-cruiser').ICruiseResult>} paths relative to the root */
export async function readImports() {
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cruiser, '--output-type', 'json', ...FOLDERS],
    { cwd: root, timeout: LIMIT_MS, maxBuffer: MAX_BYTES },
  );
  return JSON.parse(stdout);
}

/**
 * Source files it did not see: a parser that understands nothing also finds nothing wrong.
 * @param {import('dependency-cruiser').ICruiseResult} imports
 */
export function unseen({ modules }) {
  const seen = new Set(modules.map(({ source }) => source));
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:[cm]?js|tsx?)$/u.test(path))
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
  ).filter((path) => !seen.has(path));
}
