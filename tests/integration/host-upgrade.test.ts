import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { dist, HostUnderTest } from './support/host-under-test.ts';

let host: HostUnderTest;
beforeEach(async () => {
  host = new HostUnderTest({
    agents: {
      quick: {
        command: process.execPath,
        args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
      },
    },
  });
  await host.connect();
});
afterEach(async () => await host.stop());

/** This build once more, elsewhere and of another version. */
function anotherBuild(version: string, hostText?: string): string {
  const root = join(host.folder, `porchlight ${version}`);
  for (const name of ['cli', 'keeper', 'host'])
    cpSync(join(dist, name), join(root, 'dist', name), { recursive: true });
  const own = JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8')) as object;
  writeFileSync(join(root, 'package.json'), JSON.stringify({ ...own, version }));
  symlinkSync(join(dist, '..', 'node_modules'), join(root, 'node_modules'));
  if (hostText !== undefined) writeFileSync(join(root, 'dist', 'host', 'main.js'), hostText);
  mkdirSync(join(root, 'dist', 'renderer'), { recursive: true });
  return root;
}

/** `porchlight host restart` of that build. */
async function restartInto(root: string): Promise<{ version: string; said: string }> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(root, 'dist', 'cli', 'main.js'), 'host', 'restart', '--json'],
    { env: { ...process.env, PORCHLIGHT_HOME: host.home.root } },
  );
  return { version: (JSON.parse(stdout) as { version: string }).version, said: stderr };
}

/** What the keeper has on record of its agents' first processes. */
function agents(): Record<string, number> {
  const { instances } = JSON.parse(
    readFileSync(join(host.home.keeperState, 'running.json'), 'utf8'),
  ) as { instances: Record<string, { pid: number }[]> };
  return Object.fromEntries(
    Object.entries(instances).map(([instance, [first]]) => [instance, first?.pid ?? 0]),
  );
}

async function askingSession(): Promise<{ sessionId: SessionId; file: string }> {
  const file = join(host.workspace, 'ran');
  const sessionId = await host.start('quick', `SCRIPT:shell cmd=echo once >> '${file}'`);
  await host.approval(sessionId);
  return { sessionId, file };
}

async function answered(sessionId: SessionId, file: string): Promise<string> {
  expect(await host.allow(await host.approval(sessionId))).toBe('decided');
  const { turn } = await host.turnEnded(sessionId);
  expect(turn?.outcome).toBe('completed');
  return readFileSync(file, 'utf8');
}

test('an update leaves keeper, agent and open approval alone; the answer runs the tool once', async () => {
  const { sessionId, file } = await askingSession();
  const before = { ...(await host.client.call('host.status', {})), processes: agents() };
  const restarted = await restartInto(anotherBuild('0.9.9'));
  await host.connect();
  const after = { ...(await host.client.call('host.status', {})), processes: agents() };
  expect([
    restarted.version,
    restarted.said,
    after.pid === before.pid,
    after.keeperPid,
    after.agents,
    after.processes,
  ]).toEqual(['0.9.9', '', false, before.keeperPid, 1, before.processes]);
  expect(await answered(sessionId, file)).toBe('once\n');
});

test('an update that does not start is undone, and said; nothing is lost meanwhile', async () => {
  const { sessionId, file } = await askingSession();
  const before = { ...(await host.client.call('host.status', {})), processes: agents() };
  const restarted = await restartInto(anotherBuild('0.9.9', 'throw new Error("broken");'));
  await host.connect();
  const { problems } = await host.client.call('desk.follow', {});
  expect([restarted.version, restarted.said, agents()]).toEqual([
    before.version,
    `Version ${before.version} runs again, not 0.9.9: see porchlight doctor.\n`,
    before.processes,
  ]);
  expect(problems).toEqual([
    {
      id: 'build',
      message: expect.stringMatching(
        `^Porchlight 0.9.9 did not start, so ${before.version} runs in its place\\.`,
      ),
    },
  ]);
  expect(await answered(sessionId, file)).toBe('once\n');
});

test('an update replaces the keeper too when no agent runs', async () => {
  const before = await host.client.call('host.status', {});
  const { version } = await restartInto(anotherBuild('0.9.9'));
  await host.connect();
  const after = await host.client.call('host.status', {});
  expect([version, after.keeperVersion, after.keeperPid === before.keeperPid]).toEqual([
    '0.9.9',
    '0.9.9',
    false,
  ]);
});
