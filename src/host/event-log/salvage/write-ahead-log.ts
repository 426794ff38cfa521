import { closeSync, openSync, readSync } from 'node:fs';

/** The layout of a -wal file: https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC_LITTLE = 0x377f0682;
const MAGIC_BIG = 0x377f0683;

interface Frame {
  readonly page: number;
  /** Where its content lies in the file. */
  readonly at: number;
  readonly isCommit: boolean;
  readonly isIntact: boolean;
}

export interface WriteAheadLog {
  /** Where the newest committed content of a page lies in the -wal file. */
  readonly pages: ReadonlyMap<number, number>;
  /**
   * A frame is broken, and whole transactions come after it. SQLite takes a broken frame for the end
   * and would drop those. A break in the last transaction is what a power cut leaves: not damage.
   */
  readonly isDamaged: boolean;
}

/**
 * Reads a -wal file further than SQLite does. Each frame's checksum goes on from that of the frame
 * before, so one broken frame does not keep the following ones from being checked.
 */
export function readWriteAheadLog(path: string, pageBytes: number): WriteAheadLog {
  const frames = framesOf(path, pageBytes);
  const lastCommit = frames.findLastIndex((frame) => frame.isCommit && frame.isIntact);
  const committed = frames.slice(0, lastCommit + 1);
  const broken = committed.findIndex((frame) => !frame.isIntact);
  const commitsAfter = committed.slice(broken).filter((frame) => frame.isCommit && frame.isIntact);
  const pages = new Map<number, number>();
  for (const frame of committed) if (frame.isIntact) pages.set(frame.page, frame.at);
  return { pages, isDamaged: broken >= 0 && commitsAfter.length >= 2 };
}

function framesOf(path: string, pageBytes: number): Frame[] {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const hasHeader = readSync(fd, header, 0, HEADER_BYTES, 0) === HEADER_BYTES;
    const magic = header.readUInt32BE(0);
    // Every machine we run on counts in little-endian words.
    const little = magic !== MAGIC_BIG;
    const start = checksum(header.subarray(0, 24), [0, 0], little);
    const isKnown = hasHeader && (magic === MAGIC_LITTLE || magic === MAGIC_BIG);
    const isHeaderIntact = isKnown && sumsAre(header, 24, start);
    let sums: Sums = isHeaderIntact ? start : [Number.NaN, 0];
    const frames: Frame[] = [];
    const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes);
    let salt = isHeaderIntact ? Buffer.from(header.subarray(16, 24)) : null;
    for (let at = HEADER_BYTES; ; at += frame.length) {
      if (readSync(fd, frame, 0, frame.length, at) < frame.length) return frames;
      const salts = Buffer.from(frame.subarray(8, 16));
      salt ??= salts;
      // What lies behind the newest frame is of an earlier round.
      if (!salts.equals(salt)) {
        // Unless these very bytes are the broken ones.
        if (!nextHas(fd, at + frame.length, salt)) return frames;
      }
      const found = checksum(frame.subarray(0, 8), sums, little);
      const all = checksum(frame.subarray(FRAME_HEADER_BYTES), found, little);
      frames.push({
        page: frame.readUInt32BE(0),
        at: at + FRAME_HEADER_BYTES,
        isCommit: frame.readUInt32BE(4) !== 0,
        isIntact: sumsAre(frame, 16, all),
      });
      sums = [frame.readUInt32BE(16), frame.readUInt32BE(20)];
    }
  } finally {
    closeSync(fd);
  }
}

function nextHas(fd: number, at: number, salt: Buffer): boolean {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  return (
    readSync(fd, header, 0, header.length, at) === header.length &&
    header.subarray(8, 16).equals(salt)
  );
}

type Sums = readonly [number, number];

function checksum(bytes: Buffer, [first, second]: Sums, little: boolean): Sums {
  if (Number.isNaN(first)) return [first, second];
  let a = first;
  let b = second;
  for (let i = 0; i < bytes.length; i += 8) {
    a = (a + (little ? bytes.readUInt32LE(i) : bytes.readUInt32BE(i)) + b) >>> 0;
    b = (b + (little ? bytes.readUInt32LE(i + 4) : bytes.readUInt32BE(i + 4)) + a) >>> 0;
  }
  return [a, b];
}

function sumsAre(bytes: Buffer, at: number, [a, b]: Sums): boolean {
  return bytes.readUInt32BE(at) === a && bytes.readUInt32BE(at + 4) === b;
}
