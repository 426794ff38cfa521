import { open, stat, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { LineSplitter } from '../../base/line-splitter.ts';

const CHUNK_BYTES = 256 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;
const POLL_MS = 200;

export interface FileFollowing {
  /** Go on with what is appended, also after the file was rotated or emptied, or does not exist yet. */
  readonly follow: boolean;
  /** Start at the end: only what is appended from now on. */
  readonly fromEnd?: boolean;
  readonly signal: AbortSignal;
  /** Nothing more is read until it resolves. */
  lines(lines: readonly string[]): Promise<void>;
}

/** Hands over a file's lines. False when there was no file and it was not to be waited for. */
export async function followFile(path: string, given: FileFollowing): Promise<boolean> {
  let fromEnd = given.fromEnd === true;
  let seen = false;
  while (!given.signal.aborted) {
    const file = await openIfThere(path);
    if (file === null) {
      if (!given.follow) return seen;
      // What appears later is new from its first line.
      fromEnd = false;
      await pause(given.signal);
      continue;
    }
    seen = true;
    try {
      await readFile(path, file, fromEnd, given);
    } finally {
      await file.close();
    }
    fromEnd = false;
    if (!given.follow) return true;
  }
  return seen;
}

/** Reads to the end, and on, until another file stands at the path or this one was emptied. */
async function readFile(
  path: string,
  file: FileHandle,
  fromEnd: boolean,
  given: FileFollowing,
): Promise<void> {
  const splitter = new LineSplitter({ maxBytes: MAX_LINE_BYTES });
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const own = await file.stat();
  let at = fromEnd ? own.size : 0;
  let replaced = false;
  while (!given.signal.aborted) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead > 0) {
      at += bytesRead;
      await hand(splitter.push(chunk.subarray(0, bytesRead)), given);
      continue;
    }
    // Once more after the file was seen replaced: lines may have come in between.
    if (!given.follow || replaced) break;
    const now = await stat(path).catch(() => null);
    if (now === null || now.ino !== own.ino) replaced = true;
    else if (now.size < at) break;
    else await pause(given.signal);
  }
  await hand(splitter.end(), given);
}

async function hand(split: ReturnType<LineSplitter['push']>, given: FileFollowing): Promise<void> {
  const lines = split.map((line) =>
    line.kind === 'line' ? line.text : `[a line of ${line.bytes} bytes left out]`,
  );
  if (lines.length > 0) await given.lines(lines);
}

async function openIfThere(path: string) {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new Error(
      `Cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(POLL_MS, undefined, { signal }).catch(() => {});
}
