// Unpacks a zip file with Node alone: `unzip` is not on every machine, and set-up may not install
// anything before it has told what for. Stored and deflated entries, no zip64, no encryption.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const END_BYTES = 22;
const COMMENT_BYTES = 65_535;

/**
 * @param {string} file
 * @param {string} target
 * @param {(name: string) => string | null} place where an entry goes, relative to target; null leaves it out
 * @param {(bytes: number) => void} [onBytes] unpacked bytes of each entry
 */
export async function unzip(file, target, place, onBytes = () => {}) {
  const handle = await open(file);
  try {
    for (const entry of await readDirectory(handle, file)) {
      const path = entry.name.endsWith('/') ? null : place(entry.name);
      if (path === null) continue;
      const destination = join(target, path);
      if (!destination.startsWith(join(normalize(target), sep)))
        throw new Error(`${file} has an entry outside its folder: ${entry.name}`);
      await mkdir(dirname(destination), { recursive: true });
      await writeEntry(handle, file, entry, destination);
      onBytes(entry.size);
    }
  } finally {
    await handle.close();
  }
}

async function readDirectory(handle, file) {
  const { size } = await handle.stat();
  const tail = await readAt(
    handle,
    Math.max(0, size - END_BYTES - COMMENT_BYTES),
    Math.min(size, END_BYTES + COMMENT_BYTES),
  );
  let end = tail.length - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw new Error(`${file} is not a zip file, or is cut short`);
  const count = tail.readUInt16LE(end + 10);
  const directory = await readAt(handle, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
  const entries = [];
  for (let at = 0; entries.length < count;) {
    if (directory.readUInt32LE(at) !== ENTRY_SIGNATURE)
      throw new Error(`${file} has a damaged directory`);
    const nameBytes = directory.readUInt16LE(at + 28);
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      packed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      mode: (directory.readUInt32LE(at + 38) >>> 16) & 0o777,
      offset: directory.readUInt32LE(at + 42),
    });
    at += 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

async function writeEntry(handle, file, entry, destination) {
  const head = await readAt(handle, entry.offset, 30);
  const start = entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  const out = createWriteStream(destination, { mode: entry.mode === 0 ? 0o644 : entry.mode });
  if (entry.packed === 0) return await pipeline([], out);
  const packed = createReadStream(file, { start, end: start + entry.packed - 1 });
  if (entry.method === 0) await pipeline(packed, out);
  else if (entry.method === 8) await pipeline(packed, createInflateRaw(), out);
  else throw new Error(`${file} packs ${entry.name} in an unknown way (${entry.method})`);
  if (out.bytesWritten !== entry.size)
    throw new Error(`${entry.name} in ${file} has ${out.bytesWritten} bytes, not ${entry.size}`);
}

async function readAt(handle, position, length) {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Error('The zip file is cut short');
  return buffer;
}
