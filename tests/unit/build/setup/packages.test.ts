import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isInstalled } from '../../../../build/setup/packages.mjs';

let folder: string;
const lock = (version: string) => ({
  packages: {
    '': { name: 'app' },
    'node_modules/a': { version, integrity: `sha512-${version}` },
    'node_modules/a-win32': { version, optional: true },
  },
});

const put = (file: string, value: unknown) =>
  writeFileSync(join(folder, file), JSON.stringify(value));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'packages-'));
  put('package-lock.json', lock('1.0.0'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const installByHand = (version: string) => {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  const { 'node_modules/a': a } = lock(version).packages;
  put('node_modules/.package-lock.json', { packages: { 'node_modules/a': a } });
};

describe('node_modules', () => {
  it('is missing', () => expect(isInstalled(folder)).toBe(false));

  it('is good when npm was run by hand, without the optional packages of other platforms', () => {
    installByHand('1.0.0');
    expect(isInstalled(folder)).toBe(true);
  });

  it('is stale when the lock has moved on since', () => {
    installByHand('1.0.0');
    expect(isInstalled(folder)).toBe(true);
    put('package-lock.json', lock('1.0.1'));
    expect(isInstalled(folder)).toBe(false);
  });

  it('is stale when an install was cut short', () => {
    mkdirSync(join(folder, 'node_modules'));
    expect(isInstalled(folder)).toBe(false);
  });
});
