import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Seen } from '../../../../src/host/sandbox/confiner.ts';
import { LinuxSandbox } from '../../../../src/host/sandbox/sandbox.linux.ts';
import { seatbeltProfile } from '../../../../src/host/sandbox/sandbox.macos.ts';
import { sandboxFor } from '../../../../src/host/sandbox/sandbox.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'porchlight-sandbox-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const seen: Seen[] = [
  { path: '/home/me/work/.git/hooks', access: 'read', isFolder: true },
  { path: '/home/me', access: 'read', isFolder: true },
  { path: '/home/me/work', access: 'write', isFolder: true },
  { path: '/home/me/.netrc', access: 'hidden', isFolder: false },
  { path: '/tmp', access: 'private', isFolder: true },
  { path: '/home/me/.porchlight', access: 'hidden', isFolder: true },
];

/** A bwrap that says what it is told to, and how often it was asked. */
function fake(script: string): LinuxSandbox & { turn(ms: number): void } {
  const path = join(folder, 'bwrap');
  writeFileSync(path, `#!/bin/sh\necho asked >> ${folder}/asked\n${script}\n`);
  chmodSync(path, 0o755);
  let nowMs = 0;
  const sandbox = new LinuxSandbox({
    env: async () => ({ PATH: `relative:${folder}` }),
    nowMs: () => nowMs,
  });
  return Object.assign(sandbox, { turn: (ms: number) => void (nowMs += ms) });
}

describe('bubblewrap', () => {
  test('shows the whole system to be read, then each folder after those that it is in', async () => {
    const found = await fake('exit 0').probe();
    const run = { command: '/bin/agent', args: ['--acp'] };
    const wrapped = found.works ? found.sandbox.wrap(run, seen) : run;
    const base = wrapped.args.indexOf('--tmpfs');
    expect(wrapped.args.slice(0, 12).join(' ')).toBe(
      '--unshare-user --unshare-ipc --cap-drop ALL --ro-bind / / --dev /dev --bind /proc /proc',
    );
    expect({ ...wrapped, args: wrapped.args.slice(base) }).toEqual({
      command: join(folder, 'bwrap'),
      args: [
        ...['--tmpfs', '/tmp', '--ro-bind', '/home/me', '/home/me'],
        ...['--ro-bind', '/dev/null', '/home/me/.netrc', '--tmpfs', '/home/me/.porchlight'],
        ...['--bind', '/home/me/work', '/home/me/work'],
        ...['--ro-bind', '/home/me/work/.git/hooks', '/home/me/work/.git/hooks'],
        ...['--', '/bin/agent', '--acp'],
      ],
    });
  });

  test('that is not installed says how to get it', async () => {
    const sandbox = new LinuxSandbox({ env: async () => ({ PATH: folder }), nowMs: () => 0 });
    expect(await sandbox.probe()).toEqual({
      works: false,
      why: 'bubblewrap is not installed.',
      fix: expect.stringContaining('apt install bubblewrap'),
    });
  });

  test.each([
    'bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces.',
    'bwrap: setting up uid map: Permission denied',
    'bwrap: Creating new namespace failed: Operation not permitted',
  ])('that the system does not let work says what to allow: %s', async (said) => {
    const found = await fake(`echo '${said}' >&2; exit 1`).probe();
    expect(found).toMatchObject({
      works: false,
      why: `This system does not let bubblewrap make a sandbox (${said}).`,
      fix: expect.stringContaining('kernel.apparmor_restrict_unprivileged_userns'),
    });
  });

  test('that works is tried once; that does not is tried again after a while', async () => {
    const asked = async (script: string, turns: number[]) => {
      rmSync(join(folder, 'asked'), { force: true });
      const sandbox = fake(script);
      for (const ms of turns) {
        sandbox.turn(ms);
        await Promise.all([sandbox.probe(), sandbox.probe()]);
      }
      return readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').length;
    };
    expect([
      await asked('exit 0', [0, 60_000, 60_000]),
      await asked('exit 1', [0, 1_000, 30_000]),
    ]).toEqual([1, 2]);
  });
});

describe('seatbelt', () => {
  test('denies writing but for what is named; the last word about a path is the deepest', () => {
    const profile = seatbeltProfile([
      ...seen,
      { path: '/Users/me/a "b" \\c', access: 'write', isFolder: true },
    ]);
    const lines = profile.split('\n');
    expect(lines.slice(0, 3)).toEqual(['(version 1)', '(allow default)', '(deny file-write*)']);
    const about = (path: string) => lines.filter((line) => line.includes(`"${path}"`));
    expect([
      about('/home/me/work'),
      about('/home/me/.porchlight'),
      about('/home/me/.netrc')[0],
      about('/Users/me/a \\"b\\" \\\\c')[0],
    ]).toEqual([
      [
        '(allow file-read* file-write* (subpath "/home/me/work"))',
        '(allow network-outbound (remote unix-socket (subpath "/home/me/work")))',
      ],
      [
        '(deny file-read* file-write* (subpath "/home/me/.porchlight"))',
        '(deny network-outbound (remote unix-socket (subpath "/home/me/.porchlight")))',
      ],
      '(deny file-read* file-write* (literal "/home/me/.netrc"))',
      '(allow file-read* file-write* (subpath "/Users/me/a \\"b\\" \\\\c"))',
    ]);
    const at = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(at('"/home/me/work"')).toBeLessThan(at('"/home/me/work/.git/hooks"'));
    // Every parenthesis that is opened is closed, outside of strings.
    const bare = profile.replace(/"(?:\\.|[^"\\])*"/gu, '');
    expect(bare.split('(').length).toBe(bare.split(')').length);
  });
});

test('Windows has none, and says what to do', async () => {
  const sandbox = sandboxFor('win32', { env: async () => ({}), nowMs: () => 0 });
  expect(await sandbox.probe()).toMatchObject({
    works: false,
    fix: expect.stringContaining('WSL'),
  });
});
