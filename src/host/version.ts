import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Of the package that the built programs in `dist` belong to. */
export function readVersion(dist: string): string {
  const text = readFileSync(join(dist, '..', 'package.json'), 'utf8');
  const json: unknown = JSON.parse(text);
  return typeof json === 'object' && json !== null && 'version' in json
    ? String(json.version)
    : '0.0.0';
}
