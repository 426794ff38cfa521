import { createWriteStream, type WriteStream } from 'node:fs';
import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Header, Pax } from 'tar';

const BLOCK_BYTES = 512;
const CHUNK_BYTES = 256 * 1024;

/**
 * Writes a tar.gz of folders in which somebody is at work: a file that grows or shrinks under way is
 * kept as long as it was when its turn came, one that goes is left out. `tar`'s own writer fails over
 * both.
 */
export class ArchiveWriter {
  readonly #tar = new PassThrough();
  readonly #file: WriteStream;
  readonly #done: Promise<void>;
  #failure: unknown = null;

  /** `path` must not exist; it is made 0600. */
  constructor(path: string) {
    this.#file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true });
    this.#done = pipeline(this.#tar, createGzip({ level: 4 }), this.#file);
    this.#done.catch((error: unknown) => {
      this.#failure = error ?? new Error('The archive could not be written.');
      this.#tar.destroy();
    });
  }

  get bytesWritten(): number {
    return this.#file.bytesWritten;
  }

  async text(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#header({ path: name, type: 'File', size: bytes.length, mode: 0o600 });
    await this.#write(padded(bytes));
  }

  /** A file, a link or a folder with all that is in it; whatever else there is (sockets …) is left out. */
  async add(path: string, name: string): Promise<void> {
    const found = await lstat(path).catch(ifGone);
    if (found === null) return;
    const mtime = found.mtime;
    if (found.isSymbolicLink()) {
      const linkpath = await readlink(path).catch(ifGone);
      if (linkpath === null) return;
      return await this.#header({ path: name, type: 'SymbolicLink', linkpath, mtime, mode: 0o777 });
    }
    const mode = found.mode & 0o777;
    if (found.isDirectory()) {
      await this.#header({ path: `${name}/`, type: 'Directory', mode, mtime });
      for (const child of (await readdir(path).catch(ifGone)) ?? [])
        await this.add(join(path, child), `${name}/${child}`);
    } else if (found.isFile()) await this.#content(path, name, { mode, mtime });
  }

  /** Everything is on the disk when it returns. */
  async close(): Promise<void> {
    await this.#write(Buffer.alloc(2 * BLOCK_BYTES));
    this.#tar.end();
    await this.#done;
  }

  destroy(): void {
    this.#tar.destroy();
  }

  async #content(path: string, name: string, { mode, mtime }: { mode: number; mtime: Date }) {
    const file = await open(path, 'r').catch(ifGone);
    if (file === null) return;
    try {
      const { size } = await file.stat();
      await this.#header({ path: name, type: 'File', size, mode, mtime });
      for (let at = 0; at < size;) {
        const wanted = Math.min(CHUNK_BYTES, size - at);
        const { bytesRead, buffer } = await file.read(Buffer.alloc(wanted), 0, wanted, at);
        // It was cut while it was read: the rest is zeros.
        const length = bytesRead === 0 ? wanted : bytesRead;
        await this.#write(buffer.subarray(0, length));
        at += length;
      }
      await this.#write(Buffer.alloc((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES));
    } finally {
      await file.close();
    }
  }

  async #header(fields: ConstructorParameters<typeof Header>[0] & object): Promise<void> {
    const header = new Header(fields);
    const block = Buffer.alloc(BLOCK_BYTES);
    // Names that a plain header cannot hold go into one that comes before it.
    if (header.encode(block, 0)) await this.#write(new Pax(header).encode());
    await this.#write(block);
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (bytes.length === 0 || this.#tar.write(bytes)) return;
    await Promise.race([once(this.#tar, 'drain'), this.#done]);
  }
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([
    bytes,
    Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES),
  ]);
}

/** Agents work meanwhile: what is gone, or closed to us, is left out. */
function ifGone(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EINVAL'].includes(code)) return null;
  throw error;
}
