import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { z } from 'zod';
import type { Logger } from '../base/log.ts';

const hash = z.string().regex(/^sha256-[A-Za-z0-9+/]{43}=$/);
/** No dots at the start of a part, so nothing that is hidden or leads upwards. */
const path = z.string().regex(/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/);

/** `hashes.json`, which the build of the page leaves beside it. */
const hashesSchema = z.object({
  /** Of the scripts of the page, for its policy. */
  script: z.array(hash).max(1_000),
  style: z.array(hash).max(1_000),
  /** All that may be served, by path. */
  files: z.record(path, hash),
});

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_FILES = 2_000;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

export interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  /** As in hashes.json. */
  readonly hash: string;
}

export interface Page {
  readonly files: ReadonlyMap<string, PageFile>;
  readonly scriptHashes: readonly string[];
}

/**
 * Reads the whole page once: what is served afterwards is what was checked, whatever an update puts
 * in its place meanwhile. A file that is not what its build says is left out, and the log says so.
 * Throws when there is no page at all.
 */
export function readPage(folder: string, log: Logger): Page {
  const { files, script } = readHashes(folder);
  const root = realpathSync(folder);
  const found = new Map<string, PageFile>();
  for (const [name, wanted] of Object.entries(files).slice(0, MAX_FILES)) {
    const type = TYPES[extname(name)];
    const body = type === undefined ? null : read(root, name);
    if (type === undefined || body === null || sha256(body) !== wanted)
      log.error({ file: name }, 'a file of the page is not what was built, and is not served');
    else found.set(name, { path: name, type, body, hash: wanted });
  }
  return { files: found, scriptHashes: script };
}

function readHashes(folder: string): z.infer<typeof hashesSchema> {
  const file = join(folder, 'hashes.json');
  try {
    return hashesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`Cannot serve ${folder}: ${file} is not that of a built page.`, { cause });
  }
}

function read(root: string, name: string): Buffer | null {
  const file = join(root, name);
  try {
    // A link may lead anywhere; the hash would tell, but it need not be opened for that.
    if (!realpathSync(file).startsWith(root + sep)) return null;
    const stat = lstatSync(file);
    return stat.isFile() && stat.size <= MAX_FILE_BYTES ? readFileSync(file) : null;
  } catch {
    return null;
  }
}

function sha256(body: Buffer): string {
  return `sha256-${createHash('sha256').update(body).digest('base64')}`;
}
