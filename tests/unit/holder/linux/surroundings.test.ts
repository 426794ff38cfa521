import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { surroundingsOf } from '../../../../src/holder/linux/surroundings.ts';

let root = '';
afterEach(() => rmSync(root, { recursive: true, force: true }));

function rootWith(files: Readonly<Record<string, string>>): string {
  root = mkdtempSync(join(tmpdir(), 'porchlight-root-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

test.each([
  ['machine', {}, {}],
  ['machine', { 'proc/version': 'Linux version 6.1.0-31-amd64 (debian-kernel@…)' }, {}],
  ['wsl', { 'proc/version': 'Linux version 5.15.90.1-microsoft-standard-WSL2' }, {}],
  ['wsl', {}, { WSL_DISTRO_NAME: 'Ubuntu', DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/x' }],
  ['container', { '.dockerenv': '' }, {}],
  ['container', { 'run/.containerenv': '' }, { DBUS_SYSTEM_BUS_ADDRESS: '' }],
  ['container', {}, { container: 'lxc' }],
  ['container', {}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }],
  ['machine', { 'run/.containerenv': '', 'run/.toolboxenv': '' }, {}],
  ['machine', { '.dockerenv': '' }, { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/host/bus' }],
] as const)('is a %s with %j and %j', (is, files, env) => {
  expect(surroundingsOf(env, rootWith(files))).toBe(is);
});
