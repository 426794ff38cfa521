import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asar } from '../../../../build/setup/asar.mjs';
import { setOfficialFuses } from '../../../../build/setup/fuses.mjs';
import { unzip } from '../../../../build/setup/unzip.mjs';

const SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parts-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the archive writer', () => {
  it('writes what the official reader reads', () => {
    const file = join(folder, 'x.asar');
    writeFileSync(file, asar({ 'package.json': '{"main":"a.js"}', 'a.js': 'héllo' }));
    const official: {
      listPackage(file: string, options: object): string[];
      extractFile(file: string, name: string): Buffer;
    } = createRequire(import.meta.url)('@electron/asar');
    expect(official.listPackage(file, {})).toEqual(['/package.json', '/a.js']);
    expect(official.extractFile(file, 'a.js').toString('utf8')).toBe('héllo');
  });
});

describe('the fuses', () => {
  it('become the official ones, and a removed one stays removed', () => {
    const binary = Buffer.from(`code ${SENTINEL}\u0001\u00080010r111 more`, 'latin1');
    setOfficialFuses(binary);
    expect(binary.toString('latin1')).toBe(`code ${SENTINEL}\u0001\u00081011r001 more`);
  });

  it('are refused in a file that is not Electron', () => {
    expect(() => setOfficialFuses(Buffer.from('ELF'))).toThrow(/has no fuses/);
  });
});

/** A zip of one deflated entry, as the format's specification (APPNOTE.TXT 4.3) lays it out. */
const zipOf = (name: string, text: string, mode = 0o755) => {
  const packed = deflateRawSync(text);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(text.length, 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 38);
  const before = [local, Buffer.from(name), packed];
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(Buffer.concat(before).length, 16);
  return Buffer.concat([...before, entry, Buffer.from(name), end]);
};

describe('unpacking a zip', () => {
  const unpack = async (bytes: Buffer) => {
    writeFileSync(join(folder, 'x.zip'), bytes);
    await unzip(join(folder, 'x.zip'), join(folder, 'out'), (name) => name);
  };

  it('keeps text and mode', async () => {
    await unpack(zipOf('bin/tool', 'text'));
    expect(readFileSync(join(folder, 'out/bin/tool'), 'utf8')).toBe('text');
    expect(statSync(join(folder, 'out/bin/tool')).mode & 0o777).toBe(0o755);
  });

  it('refuses an entry that leaves the folder', async () => {
    await expect(unpack(zipOf('../../evil', 'text'))).rejects.toThrow(/outside its folder/);
  });

  it('says when the file is cut short', async () => {
    await expect(unpack(zipOf('a', 'text').subarray(0, 40))).rejects.toThrow(/cut short/);
  });
});
