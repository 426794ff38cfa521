import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RpcFailure } from '../../src/protocol/errors.ts';
import { dist, eventually, HostUnderTest, newCommandId } from './support/host-under-test.ts';

const demo = join(dist, 'demo-agent', 'main.js');
const faulty = (fault: string) => ({
  command: process.execPath,
  args: [demo, '--speed', '20', '--fault', fault],
});
const host = new HostUnderTest();
const notExecutable = join(host.folder, 'agent.txt');

beforeAll(async () => {
  writeFileSync(notExecutable, 'hello');
  chmodSync(notExecutable, 0o644);
  const agents = {
    quick: { command: process.execPath, args: [demo, '--speed', '20'] },
    missing: { command: '/nowhere/agent' },
    nameless: { command: 'no-such-agent-anywhere' },
    inert: { command: notExecutable },
    exits: faulty('exit'),
    garbage: faulty('garbage'),
    signedout: faulty('auth'),
    modeless: faulty('no-mode'),
    old: faulty('old-protocol'),
  };
  writeFileSync(host.home.config, JSON.stringify({ agents, limits: { promptBytes: 20_000 } }));
  await host.connect();
});
afterAll(async () => {
  await host.stop();
});

async function refusal(start: Promise<unknown>): Promise<string> {
  const error: unknown = await start.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RpcFailure)) throw new Error(`not refused: ${String(error)}`);
  return error.message;
}

describe('an agent that cannot be started is refused in words', () => {
  test.each([
    ['missing', /The command \/nowhere\/agent of the agent missing does not exist.*config\.json/],
    ['nameless', /no-such-agent-anywhere.*PATH.*config\.json/],
    ['inert', /agent\.txt of the agent inert is not executable.*chmod/],
    ['exits', /exited with code 1.*last words/s],
    ['signedout', /not signed in/],
    ['modeless', /cannot prove that it is in the mode/],
    ['old', /does not speak ACP version 1/],
    ['unheard', /There is no agent named unheard/],
  ])('%s', async (agent, expected) => {
    expect(await refusal(host.start(agent))).toMatch(expected);
  });
});

test('an agent that only prints garbage is ended and said so', async () => {
  expect(await refusal(host.start('garbage'))).toMatch(/not ACP/);
});

test('a sign-in that has expired ends the turn and says so', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:auth');
  const state = await host.turnEnded(sessionId);
  expect({ outcome: state.turn?.outcome, kind: state.problem?.kind, state: state.state }).toEqual({
    outcome: 'failed',
    kind: 'signIn',
    state: 'idle',
  });
});

test('an agent that crashes in mid turn leaves an interrupted turn, and nothing is lost', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:crash');
  await host.turnEnded(sessionId);
  const events = await host.events(sessionId);
  const ended = events.find((event) => event.type === 'turn.ended');
  expect(ended).toMatchObject({ outcome: 'interrupted', problem: { kind: 'exited' } });
  expect(events.filter((event) => event.type === 'agent.text').length).toBeGreaterThan(0);
});

test('a tool call left dangling by a crash is closed as failed', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:tool-dangling');
  const state = await host.turnEnded(sessionId);
  expect(state.openTools).toEqual([]);
  const tools = (await host.events(sessionId)).filter((event) => event.type === 'tool.updated');
  expect(tools.at(-1)?.status).toBe('failed');
});

test('garbage between good lines is left out and said once', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:garbage');
  expect((await host.turnEnded(sessionId)).turn?.outcome).toBe('completed');
  const notices = (await host.events(sessionId)).filter((event) => event.type === 'notice');
  expect(notices).toHaveLength(1);
});

test('a line of 40 MB is left out, said so with its size, and the turn goes on', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:bigline mb=40');
  expect((await host.turnEnded(sessionId, 1, 40_000)).turn?.outcome).toBe('completed');
  const notices = (await host.events(sessionId)).filter((event) => event.type === 'notice');
  expect(notices.map(({ level, text }) => ({ level, text }))).toEqual([
    {
      level: 'error',
      text: 'The agent sent one message of 40 MiB; the limit is 32 MiB. It was left out.',
    },
  ]);
});

test('a request that we do not know is answered method-not-found', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:unknown');
  expect((await host.turnEnded(sessionId)).turn?.outcome).toBe('completed');
  const said = (await host.events(sessionId))
    .flatMap((event) => (event.type === 'agent.text' ? [event.text] : []))
    .join('');
  expect(said).toContain('-32601');
});

test('an agent that ignores a cancel is ended after its time', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:hang');
  await host.until(sessionId, (state) => state.state === 'working');
  await host.client.call('session.cancel', { sessionId, commandId: newCommandId() });
  const state = await host.turnEnded(sessionId, 1, 40_000);
  expect({ outcome: state.turn?.outcome, instance: state.instance }).toEqual({
    outcome: 'cancelled',
    instance: null,
  });
});

test('a mode that the agent changes by itself is shown', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:mode-drift');
  await host.turnEnded(sessionId);
  const changes = (await host.events(sessionId)).filter((event) => event.type === 'mode.changed');
  expect(changes.at(-1)).toMatchObject({ by: 'agent' });
});

test('a prompt over the cap is refused with both sizes, an empty one too', async () => {
  const sessionId = await host.start('quick');
  expect(await refusal(host.send(sessionId, 'x'.repeat(30_000)))).toMatch(
    /The prompt is .* the limit is/,
  );
  expect(await refusal(host.send(sessionId, '   '))).toBe('The prompt is empty.');
});

test('a folder that is gone, is a file or is relative is refused', async () => {
  const start = async (cwd: string) =>
    await refusal(
      host.client.call('session.start', { commandId: newCommandId(), agent: 'quick', cwd }, 30_000),
    );
  expect(await start(join(host.folder, 'gone'))).toMatch(/gone does not exist/);
  expect(await start(notExecutable)).toMatch(/is not a folder/);
  expect(await start('relative')).toMatch(/not an absolute path/);
});

test('a folder that goes away is said at the next prompt, and the history stays', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:stream n=2 rate=100');
  await host.turnEnded(sessionId);
  const before = (await host.events(sessionId)).length;
  await host.client.call('session.stop', { sessionId, commandId: newCommandId() });
  rmSync(host.workspace, { recursive: true });
  await host.send(sessionId, 'SCRIPT:stream n=1 rate=100');
  const state = await host.until(sessionId, (each) => each.state === 'failed');
  expect(state.problem).toMatchObject({ kind: 'folder' });
  expect((await host.events(sessionId)).length).toBeGreaterThan(before);
});

test('a config.json that turns bad is reported, and the last good one stays', async () => {
  const problems: string[][] = [];
  host.client.notices.on((notice) => {
    if (notice.name === 'desk.problems')
      problems.push(notice.params.problems.map((each) => each.message));
  });
  await host.client.call('desk.follow', {});
  writeFileSync(host.home.config, JSON.stringify({ agents: { quick: { comand: 'x' } } }));
  const [message] = await eventually(async () => problems.at(-1) ?? null);
  expect(message).toContain('agents.quick.comand');
  const { agents } = await host.client.call('agents.list', {});
  expect(agents.find((each) => each.id === 'quick')?.found).toBe(true);
});
