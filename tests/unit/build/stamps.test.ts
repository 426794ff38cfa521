import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFresh, writeStamp } from '../../../build/stamps.mjs';

const LONG_AGO = new Date('2020-01-01');
let root: string;
let stamp: string;

const put = (file: string, text: string) => {
  writeFileSync(join(root, file), text);
  utimesSync(join(root, file), LONG_AGO, LONG_AGO);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stamps-'));
  stamp = join(root, 'dist', 'stamp.json');
  mkdirSync(join(root, 'build'));
  for (const file of ['package-lock.json', 'build/programs.mjs', 'build/stamps.mjs'])
    put(file, 'same');
  put('a.ts', 'one');
  put('out.js', 'built');
});

afterEach(() => rmSync(root, { recursive: true }));

const build = (startedAtMs = Date.now()) =>
  writeStamp(root, stamp, { sources: ['a.ts'], outputs: ['out.js'] }, startedAtMs);

describe('a stamp', () => {
  it('is fresh right after the build', () => {
    build();
    expect(isFresh(root, stamp)).toBe(true);
  });

  it.each([
    ['was never written', () => {}],
    [
      'is torn',
      () => {
        build();
        writeFileSync(stamp, '{"node":');
      },
    ],
    [
      'has a source that was edited to the same length',
      () => {
        build();
        writeFileSync(join(root, 'a.ts'), 'two');
      },
    ],
    [
      'has an output that is gone',
      () => {
        build();
        rmSync(join(root, 'out.js'));
      },
    ],
    [
      'has an output that somebody changed',
      () => {
        build();
        writeFileSync(join(root, 'out.js'), 'other');
      },
    ],
    [
      'was made from another lock file',
      () => {
        build();
        writeFileSync(join(root, 'package-lock.json'), 'more');
      },
    ],
    ['saw a source change while it was built', () => build(LONG_AGO.getTime())],
  ])('is stale when it %s', (_why, arrange) => {
    arrange();
    expect(isFresh(root, stamp)).toBe(false);
  });

  it('is fresh when a source was only touched', () => {
    build();
    utimesSync(join(root, 'a.ts'), new Date(), new Date());
    expect(isFresh(root, stamp)).toBe(true);
  });
});
