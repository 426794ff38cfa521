import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeCli } from '../../../../src/cli/cli.ts';
import type { DoctorWorld, Finding } from '../../../../src/cli/doctor/check.ts';
import { homeChecks, nodeVersion } from '../../../../src/cli/doctor/home-checks.ts';
import { agentFinding, hostChecks } from '../../../../src/cli/doctor/host-checks.ts';
import { runProgram, type ProgramRun } from '../../../../src/cli/doctor/run-program.ts';
import { serviceCheck } from '../../../../src/cli/doctor/service-check.ts';
import { systemChecks } from '../../../../src/cli/doctor/system-checks.ts';
import { planNeeds } from '../../../../src/cli/service/service-here.ts';
import { servicePlan } from '../../../../src/cli/service/service-plan.ts';
import { systemdUnit } from '../../../../src/cli/service/systemd-unit.ts';
import { CliBench } from '../run-cli.ts';

let bench: CliBench;
beforeEach(() => (bench = new CliBench()));
afterEach(async () => {
  await bench.down();
});

/** A machine whose programs answer as told; any other is missing. */
function world(
  answers: Record<string, Partial<ProgramRun>> = {},
  env: NodeJS.ProcessEnv = {},
): DoctorWorld {
  const missing: ProgramRun = { code: null, stdout: '', stderr: '', ms: 1, problem: 'missing' };
  const around = bench.surroundings({
    env: { PORCHLIGHT_HOME: bench.root, ...env },
    version: 'fake',
  });
  return {
    cli: makeCli(around, {}),
    platform: 'linux',
    run: async (command) =>
      command in answers ? { ...missing, code: 0, problem: null, ...answers[command] } : missing,
  };
}

async function look(name: string, given = world()): Promise<Finding> {
  const found = [...homeChecks, ...hostChecks, ...systemChecks].find(({ check }) => check === name);
  if (found === undefined) throw new Error(`no check ${name}`);
  return await found.look(given);
}

describe('doctor', () => {
  it('is all rows of check, ok, detail and fix, with a fix for whatever is not ok', async () => {
    const { code, value } = await bench.json('doctor');
    const rows = value as { check: string; ok: boolean; detail: string; fix: string | null }[];
    expect([
      code,
      rows.every(
        (row) => Object.keys(row).join() === 'check,ok,detail,fix' && row.ok === (row.fix === null),
      ),
    ]).toEqual([0, true]);
    expect(rows.map(({ check }) => check)).toEqual(
      expect.arrayContaining([
        'node',
        'home',
        'socket',
        'config',
        'database',
        'disk',
        'host',
        'keeper',
        'git',
        'agent claude',
      ]),
    );
  });

  it('works on a home that is a file, and fails', async () => {
    rmSync(bench.root, { recursive: true });
    writeFileSync(bench.root, '');
    const { code, value, stderr } = await bench.json('doctor');
    const home = (value as { check: string; ok: boolean }[]).find(({ check }) => check === 'home');
    expect([code, home?.ok, stderr.includes('home')]).toEqual([1, false, true]);
  });

  it('knows the oldest Node', () => {
    expect(
      ['20.17.9', '20.18.0', '22.0.0', '18.20.1'].map((version) => nodeVersion(version).ok),
    ).toEqual([false, true, true, false]);
  });

  it('sees a home that others can open', async () => {
    chmodSync(bench.root, 0o755);
    expect(await look('home')).toEqual({
      ok: false,
      detail: `${bench.root} is open to other users (mode 755)`,
      fix: `chmod 700 '${bench.root}'`,
    });
  });

  it.each([
    ['{', 'is not JSON'],
    ['{"agent":{}}', 'agent'],
    ['{"agents":{"claude":{"args":"x"}}}', 'agents.claude.args'],
  ])('names what is wrong in config.json: %s', async (text, named) => {
    writeFileSync(bench.home.config, text);
    const { ok, detail } = await look('config');
    expect([ok, detail.includes(named), detail.includes(bench.home.config)]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('tells a service that is missing from one that is switched off or starts another build', async () => {
    const env = { XDG_CONFIG_HOME: join(bench.root, 'config') };
    const missing = await serviceCheck.look(world({}, env));
    const units = join(env.XDG_CONFIG_HOME, 'systemd', 'user');
    const hash = /porchlight-[0-9a-f]{8}/.exec(JSON.stringify(servicePlan(planNeeds(world().cli))));
    const unit = `${hash?.[0]}.service`;
    mkdirSync(join(units, 'default.target.wants'), { recursive: true });
    writeFileSync(join(units, unit), 'ExecStart=/old/build');
    const off = await serviceCheck.look(world({}, env));
    writeFileSync(join(units, 'default.target.wants', unit), '');
    const old = await serviceCheck.look(world({}, env));
    writeFileSync(join(units, unit), systemdUnit(servicePlan(planNeeds(world().cli))));
    const unlingering = await serviceCheck.look(world({ loginctl: { stdout: 'no\n' } }, env));
    const good = await serviceCheck.look(world({ loginctl: { stdout: 'yes\n' } }, env));
    expect([missing, off, old].map(({ detail }) => detail)).toEqual([
      'does not start by itself after a reboot',
      'installed, and switched off',
      'starts another build than this one',
    ]);
    expect([unlingering.fix?.startsWith('sudo loginctl enable-linger '), good]).toEqual([
      true,
      { ok: true, detail: 'Porchlight starts by itself, through systemd.', fix: null },
    ]);
  });

  it('sees a database and a socket that are none', async () => {
    writeFileSync(bench.home.database, 'something else altogether');
    writeFileSync(bench.home.hostSocket, '');
    expect([(await look('database')).ok, (await look('socket')).ok]).toEqual([false, false]);
  });

  it('tells a host without a keeper from one of another version', async () => {
    await bench.up();
    expect([(await look('host')).ok, await look('keeper')]).toEqual([
      true,
      {
        ok: false,
        detail: 'a host runs without a keeper: nobody would start it again',
        fix: 'porchlight host stop, then porchlight host start',
      },
    ]);
    bench.host.status = { ...bench.host.status, version: '9.9.9' };
    expect(await look('host')).toEqual({
      ok: false,
      detail: 'version 9.9.9 runs, this is fake',
      fix: 'porchlight host restart',
    });
  });

  it("passes on the host's own problems", async () => {
    await bench.up();
    bench.host.handlers['desk.follow'] = () => ({
      sessions: [],
      approvals: [],
      problems: [{ id: 'config', message: 'config.json: unknown key x' }],
    });
    expect(await look('host')).toEqual({
      ok: false,
      detail: 'config.json: unknown key x',
      fix: 'See: porchlight logs',
    });
  });

  it('tells how to sign in, and how to install', () => {
    const entry = {
      id: 'claude',
      name: 'Claude',
      version: '1.0',
      command: ['x'],
      from: 'path' as const,
      modes: [],
      signIn: 'claude /login',
    };
    expect([
      agentFinding({ ...entry, found: true, installable: null }),
      agentFinding({ ...entry, found: false, installable: { version: '1', bytes: 1 } }),
    ]).toEqual([
      {
        ok: true,
        detail: '1.0, path; sign in, where it is not yet, with: claude /login',
        fix: null,
      },
      { ok: false, detail: 'not found', fix: 'porchlight agents install claude' },
    ]);
  });

  it('names git that is missing, without identity, or refusing the folder', async () => {
    const refusing = world({
      git: {
        code: 128,
        problem: 'failed',
        stderr: "fatal: detected dubious ownership in repository at '/work-folder'",
      },
    });
    expect([
      (await look('git')).fix,
      (await look('git identity', world({ git: { stdout: '' } }))).ok,
      (await look('git folder', refusing)).fix,
    ]).toEqual([
      'Install git: sessions then get worktrees of their own',
      false,
      "git config --global --add safe.directory '/work-folder'",
    ]);
  });

  it('tells a login shell that hangs from one that fails', async () => {
    const env = { SHELL: '/bin/slow' };
    const found = [
      await look('login shell', world({ '/bin/slow': { code: null, problem: 'slow' } }, env)),
      await look('login shell', world({ '/bin/slow': { code: 1, problem: 'failed' } }, env)),
      await look('login shell', world({ '/bin/slow': { ms: 12 } }, env)),
    ];
    expect(found.map(({ detail }) => detail)).toEqual([
      '/bin/slow -l -i did not end within 5 s',
      '/bin/slow -l -i fails (exit code 1)',
      '/bin/slow -l -i, 12 ms',
    ]);
  });

  it.each([
    [{ busctl: { stdout: 'b true\n' } }, true],
    [{ gdbus: { stdout: '(false,)\n' } }, false],
    [
      {
        busctl: { code: 1, problem: 'failed' as const },
        'dbus-send': { stdout: '   boolean true\n' },
      },
      true,
    ],
    [{}, false],
  ])('asks whichever bus client there is for a tray: %j', async (answers, ok) => {
    expect((await look('tray', world(answers))).ok).toBe(ok);
  });

  it('finds agents on PATH while no host runs', async () => {
    const bin = `${bench.root}/gemini`;
    writeFileSync(bin, '', { mode: 0o755 });
    const { stdout } = await bench.run(['doctor', '--json'], {
      env: { PORCHLIGHT_HOME: bench.root, PATH: bench.root },
    });
    const rows = JSON.parse(stdout) as { check: string; detail: string }[];
    expect(rows.find(({ check }) => check === 'agent gemini')?.detail).toBe(
      `${bin}; its version is told while the host runs`,
    );
  });
});

describe('runProgram', () => {
  it('kills what does not end in time, with its children', async () => {
    const { problem, ms } = await runProgram('sh', ['-c', 'sleep 60 & sleep 60'], { limitMs: 100 });
    expect([problem, ms < 5_000]).toEqual(['slow', true]);
  });

  it('tells missing from failing', async () => {
    expect([
      (await runProgram('no-such-program-at-all', [], { limitMs: 1_000 })).problem,
      (await runProgram('false', [], { limitMs: 1_000 })).code,
    ]).toEqual(['missing', 1]);
  });
});
