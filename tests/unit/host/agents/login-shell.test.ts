import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, type Logger } from '../../../../src/base/log.ts';
import { withoutNpmPath, withoutOurs } from '../../../../src/host/agents/clean-env.ts';
import {
  parseEnv,
  probeLoginShell,
  shellOf,
} from '../../../../src/host/agents/login-shell.posix.ts';
import { LoginShell, type LoginShellNeeds } from '../../../../src/host/agents/login-shell.ts';

describe('the environment of a real bash', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'shell-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const hostEnv = (): NodeJS.ProcessEnv => ({
    HOME: home,
    SHELL: '/bin/bash',
    PATH: '/only/of/the/host:/bin',
    PORCHLIGHT_HOME: '/x',
    ELECTRON_RUN_AS_NODE: '1',
    npm_lifecycle_event: 'start',
    INIT_CWD: '/x',
    INVOCATION_ID: 'x',
    ONLY_OF_THE_HOST: 'x',
    DISPLAY: ':7',
  });
  const profile = (name: string, text: string) => writeFileSync(join(home, name), text);

  it("has what .bash_profile and .bashrc export, and what the session gave, and nothing of the host's own", async () => {
    profile('.bash_profile', 'export IN_PROFILE="a b\nc=d"\nexport PATH="/from/profile:$PATH"\n');
    profile('.bashrc', 'export IN_RC=rc\nSECRET=not-exported\n');
    const env = withoutOurs(await probeLoginShell(hostEnv()));
    expect(env).toMatchObject({ IN_PROFILE: 'a b\nc=d', IN_RC: 'rc', DISPLAY: ':7', HOME: home });
    expect(env.PATH).toMatch(/^\/from\/profile:/);
    expect(env.PATH).not.toContain('/only/of/the/host');
    const ours =
      /^(PORCHLIGHT_|ELECTRON_|npm_)|^(INIT_CWD|INVOCATION_ID|ONLY_OF_THE_HOST|SECRET|PWD|SHLVL|_)$/;
    expect(Object.keys(env).filter((name) => ours.test(name))).toEqual([]);
  });

  it('is not hidden by what a profile prints, not even by the command itself', async () => {
    profile(
      '.bash_profile',
      'echo "welcome"; printf "A=1\\0B=2\\0"; set -x; exec 2>&1; export IN_PROFILE=yes\n',
    );
    profile('.bashrc', 'echo "again"; ( sleep 30 & ) ; trap "echo goodbye" EXIT\n');
    const env = await probeLoginShell(hostEnv());
    expect(env.IN_PROFILE).toBe('yes');
    expect(env.A).toBeUndefined();
  });

  it('is given up at the deadline when a profile hangs, and nothing of the shell is left', async () => {
    profile('.bash_profile', `echo $$ > "${home}/pid"\nsleep 300\n`);
    await expect(probeLoginShell(hostEnv(), 700)).rejects.toThrow(
      'the login shell /bin/bash took over 700 ms',
    );
    const pid = Number(readFileSync(join(home, 'pid'), 'utf8'));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('is given up when a profile floods, ends the shell, or loses the PATH', async () => {
    profile('.bash_profile', 'yes\n');
    await expect(probeLoginShell(hostEnv(), 5_000)).rejects.toThrow('printed over');
    profile('.bash_profile', 'exit 3\n');
    await expect(probeLoginShell(hostEnv(), 5_000)).rejects.toThrow(
      'ended with 3 and printed no environment',
    );
    profile('.bash_profile', 'unset PATH\n');
    profile('.bashrc', 'unset PATH\n');
    await expect(probeLoginShell(hostEnv(), 5_000)).rejects.toThrow('the login shell has no PATH');
  });

  it('comes from the shell of the user database when SHELL names nothing that runs', () => {
    expect(existsSync(shellOf({ SHELL: join(home, 'no-such-shell') }))).toBe(true);
    expect(existsSync(shellOf({}))).toBe(true);
  });

  it.each(['/bin/sh', '/usr/bin/zsh', '/usr/bin/fish'].filter((shell) => existsSync(shell)))(
    'comes from %s too',
    async (shell) => {
      profile('.profile', 'export IN_PROFILE=yes\n');
      profile('.zprofile', 'export IN_PROFILE=yes\n');
      const env = await probeLoginShell({ ...hostEnv(), SHELL: shell });
      expect(env).toMatchObject({ HOME: home, PATH: expect.any(String) });
    },
  );

  it('cannot start with a shell that is no shell', async () => {
    const shell = join(home, 'odd');
    writeFileSync(shell, '#!/bin/sh\nexit 0\n');
    chmodSync(shell, 0o755);
    await expect(probeLoginShell({ ...hostEnv(), SHELL: shell })).rejects.toThrow('ended with 0');
  });
});

describe('LoginShell', () => {
  const needs = (over: Partial<LoginShellNeeds>): LoginShellNeeds => ({
    hostEnv: { PATH: '/a/node_modules/.bin:/bin', HOME: '/h', npm_x: '1' },
    probe: null,
    pathSeparator: ':',
    logger: silentLogger,
    nowMs: () => 0,
    ...over,
  });

  it('asks once however many wait, and not again while the answer is fresh', async () => {
    let asked = 0;
    const shell = new LoginShell(
      needs({ probe: async () => ({ PATH: '/bin', N: String(++asked) }) }),
    );
    shell.start();
    const all = await Promise.all([shell.env(), shell.env(), shell.env()]);
    expect([...all, await shell.env()].map((env) => env.N)).toEqual(['1', '1', '1', '1']);
  });

  it('answers with what it has when that is old, and asks again meanwhile', async () => {
    let now = 0;
    let asked = 0;
    const shell = new LoginShell(
      needs({ nowMs: () => now, probe: async () => ({ PATH: '/bin', N: String(++asked) }) }),
    );
    await shell.env();
    now = 11 * 60_000;
    expect((await shell.env()).N).toBe('1');
    await expect.poll(async () => (await shell.env()).N).toBe('2');
  });

  it('falls back to the cleaned environment of the host, and the log says so', async () => {
    const warned: string[] = [];
    const logger: Logger = {
      ...silentLogger,
      warn: (fields, message) => void warned.push(`${message}: ${String(fields.why)}`),
    };
    const shell = new LoginShell(
      needs({ logger, probe: async () => Promise.reject(new Error('it hangs')) }),
    );
    expect(await shell.env()).toEqual({ PATH: '/bin', HOME: '/h' });
    expect(warned).toEqual([
      "the login shell did not tell its environment; agents get the one from before, or the host's: it hangs",
    ]);
  });

  it("is the host's cleaned environment where there is no login shell", async () => {
    expect(await new LoginShell(needs({})).env()).toEqual({ PATH: '/bin', HOME: '/h' });
  });
});

it('values may hold equals signs and newlines, and entries without a name are left out', () => {
  expect(
    parseEnv('noise MARK' + 'PATH=/bin\0A=b=c\nd\0=x\0nonsense\0' + 'MARK bye', 'MARK'),
  ).toEqual({ PATH: '/bin', A: 'b=c\nd' });
});

it('only what npm put on PATH is taken from it', () => {
  expect(
    withoutNpmPath(
      { Path: '/p/node_modules/.bin:/usr/lib/node_modules/npm/node-gyp-bin:/my/.bin:/bin' },
      ':',
    ),
  ).toEqual({ Path: '/my/.bin:/bin' });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
