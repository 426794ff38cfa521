import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { homeOf, makeFolder, makeHome } from '../../../src/local/home.ts';

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'porchlight-home-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

describe('a home', () => {
  test('is made with its folders, private, and closed again when it was open', () => {
    const home = homeOf({ PORCHLIGHT_HOME: join(scratch, 'a', 'b') });
    makeHome(home);
    chmodSync(home.root, 0o755);
    makeHome(home);
    expect([home.root, home.logs, home.keeperState, home.app].map(modeOf)).toEqual([
      '700',
      '700',
      '700',
      '700',
    ]);
  });

  test('has its sockets in a private folder of the temp directory when its path is too long', () => {
    const home = homeOf({ PORCHLIGHT_HOME: join(scratch, 'x'.repeat(100)) });
    makeHome(home);
    const folder = join(home.hostSocket, '..');
    try {
      expect({
        beside: folder.startsWith(join(tmpdir(), 'porchlight-')),
        mode: modeOf(folder),
      }).toEqual({ beside: true, mode: '700' });
      chmodSync(folder, 0o755);
      expect(() => makeHome(home)).toThrow('is not private to you');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('where a file stands is refused', () => {
    writeFileSync(join(scratch, 'file'), '');
    expect(() => makeFolder(join(scratch, 'file'))).toThrow('EEXIST');
    expect(() => makeFolder(join(scratch, 'file', 'home'))).toThrow('ENOTDIR');
  });

  test.runIf(process.platform === 'linux')(
    'below /proc is refused instead of tried for ever',
    () => {
      expect(() => makeHome(homeOf({ PORCHLIGHT_HOME: '/proc/porchlight/home' }))).toThrow(
        'ENOENT',
      );
    },
  );
});
