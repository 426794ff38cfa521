import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentUnavailable } from '../../../../src/host/agents/agent-unavailable.ts';
import {
  installAgent,
  removeAgent,
  type InstallNeeds,
} from '../../../../src/host/agents/install.ts';
import { launcherOf } from '../../../../src/host/agents/launchers/launchers.ts';
import type { InstallProgress } from '../../../../src/protocol/agent.ts';

/** Stands in for npm: writes what npm would write, after what the test tells it to do. */
const FAKE_NPM = `#!${process.execPath}
const { appendFileSync, mkdirSync, writeFileSync, readFileSync } = require('node:fs');
const { join, dirname } = require('node:path');
const here = dirname(__filename);
const prefix = process.argv.find((a) => a.startsWith('--prefix=')).slice(9);
appendFileSync(join(here, 'calls.jsonl'), JSON.stringify({ args: process.argv.slice(2).filter((a) => !a.startsWith('--prefix')), env: process.env }) + '\\n');
const plan = JSON.parse(readFileSync(join(here, 'plan.json'), 'utf8'));
const put = (path, text) => { const f = join(prefix, 'node_modules', path); mkdirSync(dirname(f), { recursive: true }); writeFileSync(f, text); };
put('half.txt', 'x'.repeat(1000));
const finish = () => {
  if (plan.fail) { process.stderr.write(plan.fail); process.exit(1); }
  put(plan.name + '/package.json', JSON.stringify({ version: plan.version }));
  if (plan.script) put(plan.script, 'installed');
  put('.package-lock.json', JSON.stringify({ packages: { ['node_modules/' + plan.name]: { version: plan.version, integrity: plan.integrity } } }));
};
setTimeout(finish, plan.waitMs ?? 0);
`;

describe('installing an agent', () => {
  let dir: string;
  let needs: InstallNeeds;
  let progress: InstallProgress[];
  const adapter = launcherOf('claude').adapter;
  if (adapter?.program.kind !== 'script')
    throw new Error('this test is written for an adapter that is a script');
  const good = {
    name: adapter.name,
    version: adapter.version,
    integrity: adapter.integrity,
    script: adapter.program.path,
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'install-'));
    mkdirSync(join(dir, 'bin'));
    writeFileSync(join(dir, 'bin', 'npm'), FAKE_NPM);
    chmodSync(join(dir, 'bin', 'npm'), 0o755);
    progress = [];
    let n = 0;
    needs = {
      agentsFolder: join(dir, 'agents'),
      loginEnv: async () => ({ PATH: join(dir, 'bin'), HOME: dir }),
      own: { execPath: process.execPath, isElectron: false },
      shippedNpm: null,
      randomId: () => `r${++n}`,
    };
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const npmWill = (plan: object) =>
    writeFileSync(join(dir, 'bin', 'plan.json'), JSON.stringify(plan));
  const install = async (signal = new AbortController().signal) =>
    await installAgent('claude', { needs, onProgress: (each) => progress.push(each), signal });
  const found = () =>
    existsSync(needs.agentsFolder) ? readdirSync(needs.agentsFolder).sort() : [];
  const calls = () =>
    readFileSync(join(dir, 'bin', 'calls.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { args: string[]; env: object });

  it('puts the pinned version in place, runs no scripts of it, and gives npm nothing of ours', async () => {
    npmWill(good);
    await install();
    expect(found()).toEqual(['claude']);
    expect(
      readFileSync(join(needs.agentsFolder, 'claude', 'node_modules', good.script), 'utf8'),
    ).toBe('installed');
    const [call] = calls();
    expect(call?.args).toEqual(
      expect.arrayContaining([
        'install',
        `${good.name}@${good.version}`,
        '--ignore-scripts',
        '--omit=dev',
      ]),
    );
    expect(Object.keys(call?.env ?? {}).filter((name) => !name.startsWith('__'))).toEqual([
      'PATH',
      'HOME',
    ]);
    expect(progress.map(({ step }) => step)).toEqual(
      expect.arrayContaining(['resolving', 'checking', 'done']),
    );
  });

  it('tells how much has arrived', async () => {
    npmWill({ ...good, waitMs: 1_300 });
    await install();
    expect(progress).toContainEqual({
      agent: 'claude',
      step: 'downloading',
      message: good.name,
      bytes: 1000,
      totalBytes: adapter.bytes,
    });
  });

  it('does nothing when that version is there, and replaces another one', async () => {
    npmWill(good);
    await install();
    await install();
    expect(calls()).toHaveLength(1);
    writeFileSync(
      join(needs.agentsFolder, 'claude', 'node_modules', good.name, 'package.json'),
      '{"version":"0.0.1"}',
    );
    await install();
    expect(calls()).toHaveLength(2);
    expect(found()).toEqual(['claude']);
  });

  it.each([
    ['another integrity', { ...good, integrity: 'sha512-evil' }, 'The registry gave another'],
    ['no program for this platform', { ...good, script: null }, 'has no program for'],
    ['an error of npm', { ...good, fail: 'npm error 404 Not Found' }, 'npm error 404 Not Found'],
  ])('after %s leaves nothing, and says why', async (_, plan, message) => {
    npmWill(plan);
    await expect(install()).rejects.toThrow(message);
    expect(found()).toEqual([]);
    expect(progress.at(-1)).toMatchObject({
      step: 'failed',
      message: expect.stringContaining(message),
    });
  });

  it('keeps the working one when a newer one fails', async () => {
    npmWill(good);
    await install();
    writeFileSync(
      join(needs.agentsFolder, 'claude', 'node_modules', good.name, 'package.json'),
      '{"version":"0.0.1"}',
    );
    npmWill({ ...good, fail: 'no network' });
    await expect(install()).rejects.toThrow('no network');
    expect(found()).toEqual(['claude']);
  });

  it('stops when told to, with npm, and leaves nothing', async () => {
    npmWill({ ...good, waitMs: 60_000 });
    const stop = new AbortController();
    const done = install(stop.signal);
    await expect.poll(found).toEqual(['claude.lock', 'claude.tmp-r1']);
    stop.abort(new Error('the host ends'));
    await expect(done).rejects.toThrow('the host ends');
    expect(found()).toEqual([]);
  });

  it('does not outlive a host that is killed: npm ends, and what it had unpacked goes', async () => {
    npmWill({ ...good, waitMs: 60_000 });
    const source = join(import.meta.dirname, '../../../../src/host/agents/npm.ts');
    const folder = join(dir, 'claude.tmp-r1');
    mkdirSync(folder);
    writeFileSync(
      join(dir, 'host.mjs'),
      `import { runnerImport } from ${JSON.stringify(import.meta.resolve('vite'))};
       const { module } = await runnerImport(${JSON.stringify(source)}, { configFile: false, logLevel: 'error' });
       const own = { execPath: process.execPath, isElectron: false };
       const npm = { command: ${JSON.stringify(join(dir, 'bin', 'npm'))}, args: [], env: {} };
       await module.npmInstall(npm, {
         spec: 'x@1.0.0', prefix: ${JSON.stringify(folder)}, env: process.env, own,
         signal: new AbortController().signal,
       });`,
    );
    const host = spawn(process.execPath, [join(dir, 'host.mjs')], { stdio: 'ignore' });
    const unpacked = join(folder, 'node_modules', 'half.txt');
    await expect.poll(() => existsSync(unpacked), { timeout: 5_000 }).toBe(true);
    host.kill('SIGKILL');
    await expect.poll(() => existsSync(folder), { timeout: 5_000 }).toBe(false);
  });

  it('clears away what a killed installer left, lock included, and never uses it', async () => {
    const left = join(needs.agentsFolder, 'claude.tmp-old', 'node_modules', good.name);
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'package.json'), `{"version":"${good.version}"}`);
    // The largest process id of Linux, plus one: nobody's.
    writeFileSync(join(needs.agentsFolder, 'claude.lock'), '4194305');
    npmWill(good);
    await install();
    expect(found()).toEqual(['claude']);
    expect(calls()).toHaveLength(1);
  });

  it('twice at once installs once', async () => {
    npmWill({ ...good, waitMs: 300 });
    await Promise.all([install(), install()]);
    expect(calls()).toHaveLength(1);
    expect(found()).toEqual(['claude']);
  });

  it('without an npm says where to get one', async () => {
    rmSync(join(dir, 'bin', 'npm'));
    const error = await install().catch((each: unknown) => each);
    expect(error).toBeInstanceOf(AgentUnavailable);
    expect(error).toMatchObject({ fix: expect.stringContaining('Install Node.js') });
  });

  it('is refused for an agent that is built in or not ours', async () => {
    const options = { needs, onProgress: () => undefined, signal: new AbortController().signal };
    await expect(installAgent('demo', options)).rejects.toThrow(
      'Demo agent is not installed by Porchlight.',
    );
    await expect(installAgent('mine', options)).rejects.toThrow(
      'mine is not installed by Porchlight.',
    );
  });

  it('is undone by removing, which does not mind that there is nothing', async () => {
    npmWill(good);
    await install();
    const { signal } = new AbortController();
    await removeAgent('claude', needs, signal);
    await removeAgent('claude', needs, signal);
    expect(found()).toEqual([]);
  });
});
