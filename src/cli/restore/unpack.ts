import {
  closeSync,
  createReadStream,
  mkdirSync,
  openSync,
  symlinkSync,
  writeSync,
  fsyncSync,
} from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import { Parser, type ReadEntry } from 'tar';
import {
  HISTORY,
  KEPT_FILES,
  KEPT_FOLDERS,
  MANIFEST,
  manifestSchema,
  type Manifest,
} from '../../local/home-archive.ts';
import { CliFailure } from '../failure.ts';

const MAX_MANIFEST_BYTES = 64 * 1024;
const MAX_ENTRIES = 5_000_000;
/** Far over any home; a compressed file of zeros stops here. */
const MAX_BYTES = 512 * 1024 ** 3;
const MAX_NAME_BYTES = 4_096;

export interface Unpacked {
  readonly manifest: Manifest;
  /** Links that led out of the home. */
  readonly leftOut: number;
}

/**
 * Unpacks a backup into an empty folder. Every name is checked before anything is written, nothing is
 * written over or through a link, and links come last. Throws a {@link CliFailure} that names the
 * file when it is not a whole backup.
 */
export async function unpack(file: string, into: string): Promise<Unpacked> {
  const unpacking = new Unpacking(file, into);
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => unpacking.take(entry),
  });
  parser.on('error', (error: unknown) => unpacking.fail(error));
  try {
    const feed = new Writable({
      write: (chunk: Buffer, _, done) => {
        // The parser unzips on its own, and tells when it has room again.
        if (unpacking.failure !== null) return done(asError(unpacking.failure));
        if (parser.write(chunk)) return done();
        parser.once('drain', () => done());
      },
    });
    await pipeline(createReadStream(file), feed);
    await new Promise<void>((resolve, reject) => {
      parser.once('end', () => resolve());
      parser.once('error', reject);
      parser.end();
    });
  } catch (error) {
    throw unpacking.explained(unpacking.failure ?? error);
  }
  if (unpacking.failure !== null) throw unpacking.explained(unpacking.failure);
  return unpacking.finish();
}

class Unpacking {
  failure: unknown = null;
  readonly #file: string;
  readonly #into: string;
  readonly #links: { path: string; target: string }[] = [];
  #manifest: Manifest | null = null;
  #hasHistory = false;
  #entries = 0;
  #bytes = 0;

  constructor(file: string, into: string) {
    this.#file = file;
    this.#into = into;
  }

  take(entry: ReadEntry): void {
    try {
      this.#entry(entry);
    } catch (error) {
      this.fail(error);
      entry.resume();
    }
  }

  fail(error: unknown): void {
    this.failure ??= error;
  }

  explained(error: unknown): unknown {
    if (error instanceof CliFailure) return error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      return new CliFailure(`Cannot read the backup ${this.#file}: ${String(error)}.`);
    if (code === 'ENOSPC' || code === 'EDQUOT')
      return new CliFailure(`There is no room to restore ${this.#file}: free some space.`);
    return this.#refusal(`it is damaged or not whole (${String(error)})`);
  }

  finish(): Unpacked {
    if (this.#manifest === null) throw this.#refusal('it is empty');
    if (!this.#hasHistory) throw this.#refusal('it holds no history');
    let leftOut = 0;
    for (const { path, target } of this.#links)
      if (leadsOut(path, target)) leftOut += 1;
      else this.#link(path, target);
    return { manifest: this.#manifest, leftOut };
  }

  #link(path: string, target: string): void {
    mkdirSync(join(this.#into, dirname(path)), { recursive: true, mode: 0o700 });
    try {
      symlinkSync(target, join(this.#into, path));
    } catch (error) {
      throw this.#refusal(`the link ${path} cannot be made (${String(error)})`);
    }
  }

  #entry(entry: ReadEntry): void {
    this.#entries += 1;
    this.#bytes += entry.size;
    if (this.#entries > MAX_ENTRIES || this.#bytes > MAX_BYTES)
      throw this.#refusal('it holds more than any home');
    const path = this.#checked(entry.path);
    if (this.#manifest === null) return this.#readManifest(entry, path);
    switch (entry.type) {
      case 'Directory':
        mkdirSync(join(this.#into, path), { recursive: true, mode: 0o700 });
        return entry.resume();
      case 'File':
      case 'OldFile':
        return this.#write(entry, path);
      case 'SymbolicLink':
        this.#links.push({ path, target: entry.linkpath ?? '' });
        return entry.resume();
      default:
        throw this.#refusal(`it holds a ${entry.type}, ${path}`);
    }
  }

  /** Relative, downwards, and one of the names that a backup has. */
  #checked(name: string): string {
    const path = posix.normalize(name).replace(/\/$/u, '');
    const [top = ''] = path.split('/');
    const isKnown =
      [MANIFEST, HISTORY, ...KEPT_FILES].some((each) => each === path) ||
      KEPT_FOLDERS.some((each) => each === top);
    const isPlain = !name.includes('\0') && !(sep === '\\' && /[\\:]/u.test(name));
    const isBelow = !name.startsWith('/') && !name.split('/').includes('..');
    if (!isKnown || !isPlain || !isBelow || Buffer.byteLength(name) > MAX_NAME_BYTES)
      throw this.#refusal(`it holds ${JSON.stringify(name.slice(0, 200))}, which no backup does`);
    return path;
  }

  #readManifest(entry: ReadEntry, path: string): void {
    if (path !== MANIFEST || entry.size > MAX_MANIFEST_BYTES)
      throw this.#refusal('it was not made by "porchlight backup"');
    const parts: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => parts.push(chunk));
    entry.on('end', () => {
      try {
        this.#manifest = manifestSchema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
      } catch {
        this.fail(this.#refusal('it was made by another version of Porchlight, or is damaged'));
      }
    });
  }

  #write(entry: ReadEntry, path: string): void {
    const target = join(this.#into, path);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const isPrivate = path === HISTORY || KEPT_FILES.some((each) => each === path);
    // `wx`: a name that comes twice is refused.
    const fd = openSync(target, 'wx', isPrivate ? 0o600 : (entry.mode ?? 0o600) & 0o777);
    if (path === HISTORY) this.#hasHistory = true;
    entry.on('data', (chunk: Buffer) => {
      try {
        for (let done = 0; done < chunk.length;) done += writeSync(fd, chunk, done);
      } catch (error) {
        this.fail(error);
      }
    });
    entry.on('end', () => {
      try {
        if (isPrivate) fsyncSync(fd);
      } catch (error) {
        this.fail(error);
      }
      closeSync(fd);
    });
  }

  #refusal(why: string): CliFailure {
    return new CliFailure(`${this.#file} cannot be restored: ${why}. Nothing was changed.`);
  }
}

/** By its text alone: what other links make of it does not matter, for all are judged alike. */
function leadsOut(path: string, target: string): boolean {
  if (target === '' || posix.isAbsolute(target) || /^[A-Za-z]:|\\/u.test(target)) return true;
  const to = posix.normalize(posix.join(posix.dirname(path), target));
  return to === '..' || to.startsWith('../');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
