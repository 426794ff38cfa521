// What a phone fetches before the first screen is up, as it comes over the wire.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export const FIRST_LOAD_LIMIT_BYTES = 180_000;

/**
 * @param {string} folder dist/renderer/phone
 * @returns {{ files: Record<string, number>, bytes: number }} gzipped
 */
export function firstLoad(folder) {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const named = [
    ...page.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="\.\/([^"]+\.(?:js|css))"/g),
  ].map((match) => String(match[1]));
  const files = Object.fromEntries(
    ['index.html', ...new Set(named)].map((file) => [
      file,
      gzipSync(readFileSync(join(folder, file))).length,
    ]),
  );
  return { files, bytes: Object.values(files).reduce((sum, bytes) => sum + bytes, 0) };
}
