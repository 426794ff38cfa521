import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { SplitLine } from '../base/line-splitter.ts';

export interface SpoolLimits {
  readonly memoryBytes: number;
  readonly fileBytes: number;
}

export type SpooledLine = SplitLine & { readonly offset: number };

interface Held {
  readonly line: SplitLine;
  readonly cost: number;
}

/** Per line in memory beside its text. */
const LINE_OVERHEAD_BYTES = 64;
/** In the file: length of what follows (4 bytes), kind (1), then text, or a size as a double. */
const HEADER_BYTES = 5;
const KIND_LINE = 0;
const KIND_OVERSIZE = 1;

/**
 * Lines between an agent and a host that may be slow or gone, numbered from 1, in order:
 *
 *     ack ◂─ front (memory, what may be sent) ◂─ file (fifo) ◂─ back (only when the file refuses) ◂─ append
 *
 * Nothing is ever dropped: when it is `full`, stop appending. A single line always fits in front.
 */
export class Spool {
  readonly #limits: SpoolLimits;
  readonly #path: string;
  #front: Held[] = [];
  #frontBytes = 0;
  #file: number | null = null;
  #fileHead = 0;
  #fileTail = 0;
  #back: SplitLine[] = [];
  #last = 0;
  #acked = 0;

  constructor(path: string, limits: SpoolLimits) {
    this.#path = path;
    this.#limits = limits;
  }

  get lastOffset(): number {
    return this.#last;
  }

  get ackedOffset(): number {
    return this.#acked;
  }

  /** Until the file has been read to its end; then it starts anew. */
  get isFull(): boolean {
    return this.#back.length > 0 || this.#fileTail >= this.#limits.fileBytes;
  }

  append(line: SplitLine): void {
    this.#last += 1;
    if (this.#fileTail === 0 && this.#back.length === 0 && this.#fits(costOf(line)))
      this.#hold(line);
    else if (this.#back.length > 0 || !this.#toFile(line)) this.#back.push(line);
  }

  /** The line at `offset` when it is in memory; those behind follow as earlier ones are acked. */
  at(offset: number): SpooledLine | null {
    const held = this.#front[offset - this.#acked - 1];
    return held === undefined ? null : { ...held.line, offset };
  }

  /** Frees lines up to `offset`; what was never there is not acknowledged. */
  ack(offset: number): void {
    const until = Math.min(offset, this.#acked + this.#front.length);
    if (until <= this.#acked) return;
    for (const held of this.#front.splice(0, until - this.#acked)) this.#frontBytes -= held.cost;
    this.#acked = until;
    this.#refill();
    if (offset > until && this.#front.length > 0) this.ack(Math.min(offset, this.#last));
  }

  dispose(): void {
    this.#front = [];
    this.#back = [];
    if (this.#file === null) return;
    closeSync(this.#file);
    this.#file = null;
    rmSync(this.#path, { force: true });
  }

  #fits(cost: number): boolean {
    return this.#front.length === 0 || this.#frontBytes + cost <= this.#limits.memoryBytes;
  }

  #hold(line: SplitLine): void {
    const cost = costOf(line);
    this.#front.push({ line, cost });
    this.#frontBytes += cost;
  }

  #refill(): void {
    while (this.#fileHead < this.#fileTail && this.#frontBytes < this.#limits.memoryBytes) {
      const { line, next } = readAt(this.#opened(), this.#fileHead);
      if (this.#front.length > 0 && !this.#fits(costOf(line))) return;
      this.#hold(line);
      this.#fileHead = next;
    }
    if (this.#fileHead < this.#fileTail) return;
    if (this.#fileTail > 0) {
      ftruncateSync(this.#opened());
      this.#fileHead = 0;
      this.#fileTail = 0;
    }
    for (;;) {
      const line = this.#back[0];
      if (line === undefined || !this.#fits(costOf(line))) return;
      this.#back.shift();
      this.#hold(line);
    }
  }

  /** False when the disk is full or gone. */
  #toFile(line: SplitLine): boolean {
    const bytes = encode(line);
    try {
      const file = this.#opened();
      for (let done = 0; done < bytes.length;)
        done += writeSync(file, bytes, done, bytes.length - done, this.#fileTail + done);
    } catch {
      return false;
    }
    this.#fileTail += bytes.length;
    return true;
  }

  #opened(): number {
    this.#file ??= openSync(this.#path, 'w+', 0o600);
    return this.#file;
  }
}

function costOf(line: SplitLine): number {
  return LINE_OVERHEAD_BYTES + (line.kind === 'line' ? line.text.length : 0);
}

function encode(line: SplitLine): Buffer {
  const bytes = Buffer.allocUnsafe(
    HEADER_BYTES + (line.kind === 'line' ? Buffer.byteLength(line.text) : 8),
  );
  bytes.writeUInt32LE(bytes.length - HEADER_BYTES, 0);
  if (line.kind === 'line') {
    bytes.writeUInt8(KIND_LINE, 4);
    bytes.write(line.text, HEADER_BYTES);
  } else {
    bytes.writeUInt8(KIND_OVERSIZE, 4);
    bytes.writeDoubleLE(line.bytes, HEADER_BYTES);
  }
  return bytes;
}

function readAt(file: number, position: number): { line: SplitLine; next: number } {
  const header = readFully(file, position, HEADER_BYTES);
  const body = readFully(file, position + HEADER_BYTES, header.readUInt32LE(0));
  const line: SplitLine =
    header.readUInt8(4) === KIND_LINE
      ? { kind: 'line', text: body.toString('utf8') }
      : { kind: 'oversize', bytes: body.readDoubleLE(0) };
  return { line, next: position + HEADER_BYTES + body.length };
}

function readFully(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const read = readSync(file, bytes, done, length - done, position + done);
    if (read === 0) throw new Error(`The spool file ends at ${position + done}, inside a line`);
    done += read;
  }
  return bytes;
}
