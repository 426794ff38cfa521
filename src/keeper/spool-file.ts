import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { SplitLine } from '../base/line-splitter.ts';

/** A stretch of the file that holds no line that can be trusted. */
export interface SpoolDamage {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly lostLines: number;
  /** What was there, at most 1 MiB of it. */
  readonly bytes: Buffer;
}

interface Found {
  /** One after the last line when the rest of the file is lost. */
  readonly offset: number;
  readonly line: SplitLine;
  /** Where the next record begins. */
  readonly end: number;
}

/** Not in any text: UTF-8 has no FF. So a search for it does not stop inside a line. */
const MAGIC = Buffer.from([0xff, 0x50, 0x4c, 0xff]);
/** Magic 4, length of the body 4, offset 6, kind 1, CRC-32 of the body 4, CRC-32 of all that 4. */
const HEADER_BYTES = 23;
const HEADER_CRC_AT = 19;
const KIND_LINE = 0;
const KIND_OVERSIZE = 1;
/** In the place of a line that is lost; every host knows to pass over an oversized one. */
const LOST: SplitLine = { kind: 'oversize', bytes: 0 };
const SEARCH_BYTES = 64 * 1024;
const MAX_ASIDE_BYTES = 1024 * 1024;

/**
 * Lines on disk, first in, first out. The disk is not believed: what was truncated, overwritten or
 * cannot be read comes out as lost lines, in number and order as they went in, and the lines after
 * the next whole record are served again.
 */
export class SpoolFile {
  readonly #path: string;
  readonly #damaged: (damage: SpoolDamage) => void;
  #file: number | null = null;
  #head = 0;
  #tail = 0;
  #next = 0;
  #last = -1;
  #found: Found | null = null;

  constructor(path: string, damaged: (damage: SpoolDamage) => void) {
    this.#path = path;
    this.#damaged = damaged;
  }

  /** Until it is emptied. */
  get bytes(): number {
    return this.#tail;
  }

  get hasNext(): boolean {
    return this.#next <= this.#last;
  }

  /** `offset` is one more than the last one's. False when the disk is full or gone. */
  append(offset: number, line: SplitLine): boolean {
    const bytes = encode(offset, line);
    try {
      const file = this.#opened();
      for (let done = 0; done < bytes.length;)
        done += writeSync(file, bytes, done, bytes.length - done, this.#tail + done);
    } catch {
      return false;
    }
    if (this.#tail === 0) this.#next = offset;
    this.#tail += bytes.length;
    this.#last = offset;
    return true;
  }

  /** The next line, which stays; only while there {@link hasNext}. */
  peek(): SplitLine {
    this.#found ??= this.#find();
    return this.#next < this.#found.offset ? LOST : this.#found.line;
  }

  skip(): void {
    this.#found ??= this.#find();
    if (this.#next === this.#found.offset) {
      this.#head = this.#found.end;
      this.#found = null;
    }
    this.#next += 1;
  }

  /** Starts anew; all lines have been read. */
  empty(): void {
    if (this.#tail === 0) return;
    this.#head = 0;
    this.#tail = 0;
    this.#found = null;
    try {
      ftruncateSync(this.#opened());
    } catch {
      // It only keeps its room on the disk: what is written next goes over what is there.
    }
  }

  dispose(): void {
    if (this.#file === null) return;
    closeSync(this.#file);
    this.#file = null;
    rmSync(this.#path, { force: true });
  }

  #opened(): number {
    this.#file ??= openSync(this.#path, 'w+', 0o600);
    return this.#file;
  }

  #find(): Found {
    let position = this.#head;
    for (;;) {
      const record = this.#recordAt(position);
      if (record.kind === 'whole') {
        if (position > this.#head) this.#tell(position, record.offset);
        return record;
      }
      position = this.#search(record.skipTo);
      if (position < this.#tail) continue;
      this.#tell(this.#tail, this.#last + 1);
      return { offset: this.#last + 1, line: LOST, end: this.#tail };
    }
  }

  #recordAt(position: number): (Found & { kind: 'whole' }) | { kind: 'damaged'; skipTo: number } {
    const header = this.#read(position, HEADER_BYTES);
    const damaged = { kind: 'damaged' as const, skipTo: position + 1 };
    if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC))
      return damaged;
    if (header.readUInt32LE(HEADER_CRC_AT) !== crc32(header.subarray(0, HEADER_CRC_AT)))
      return damaged;
    const length = header.readUInt32LE(4);
    const offset = header.readUIntLE(8, 6);
    const end = position + HEADER_BYTES + length;
    if (offset < this.#next || offset > this.#last || end > this.#tail) return damaged;
    const body = this.#read(position + HEADER_BYTES, length);
    if (body.length < length || header.readUInt32LE(15) !== crc32(body))
      return { kind: 'damaged', skipTo: end };
    const line: SplitLine =
      header.readUInt8(14) === KIND_LINE
        ? { kind: 'line', text: body.toString('utf8') }
        : { kind: 'oversize', bytes: body.readDoubleLE(0) };
    return { kind: 'whole', offset, line, end };
  }

  /** Where the next record may begin, at or after `from`; the tail when nowhere. */
  #search(from: number): number {
    for (let position = from; position < this.#tail;) {
      const bytes = this.#read(position, Math.min(SEARCH_BYTES, this.#tail - position));
      const at = bytes.indexOf(MAGIC);
      if (at >= 0) return position + at;
      // Fewer than a magic's bytes at the end may be its beginning.
      if (bytes.length < MAGIC.length) break;
      position += bytes.length - MAGIC.length + 1;
    }
    return this.#tail;
  }

  /** Fewer bytes than asked for where the file ends, or cannot be read. */
  #read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    try {
      const file = this.#opened();
      while (done < length) {
        const read = readSync(file, bytes, done, length - done, position + done);
        if (read === 0) break;
        done += read;
      }
    } catch {
      // EIO, say: what could be read is what there is.
    }
    return bytes.subarray(0, done);
  }

  #tell(to: number, nextOffset: number): void {
    this.#damaged({
      path: this.#path,
      from: this.#head,
      to,
      lostLines: nextOffset - this.#next,
      bytes: this.#read(this.#head, Math.min(to - this.#head, MAX_ASIDE_BYTES)),
    });
  }
}

function encode(offset: number, line: SplitLine): Buffer {
  const length = line.kind === 'line' ? Buffer.byteLength(line.text) : 8;
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
  if (line.kind === 'line') bytes.write(line.text, HEADER_BYTES);
  else bytes.writeDoubleLE(line.bytes, HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(length, 4);
  bytes.writeUIntLE(offset, 8, 6);
  bytes.writeUInt8(line.kind === 'line' ? KIND_LINE : KIND_OVERSIZE, 14);
  bytes.writeUInt32LE(crc32(bytes.subarray(HEADER_BYTES)), 15);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT);
  return bytes;
}
