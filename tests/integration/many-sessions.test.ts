import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import {
  dist,
  eventually,
  HostUnderTest,
  isAlive,
  newCommandId,
  text,
} from './support/host-under-test.ts';

const SESSIONS = 64;
/** What 64 sessions and their histories may take on top of an idle host. */
const MEMORY_MB = 150;

const config = (more: object = {}) => ({
  agents: {
    quick: {
      command: process.execPath,
      args: [join(dist, 'demo-agent', 'main.js'), '--speed', '50'],
    },
  },
  ...more,
});
const host = new HostUnderTest(config());

beforeAll(async () => {
  await host.connect();
});
afterAll(async () => {
  await host.stop();
}, 60_000);

/** Each in a folder of its own. */
async function start(name: string, prompt?: string): Promise<SessionId> {
  const cwd = join(host.workspace, name);
  mkdirSync(cwd, { recursive: true });
  const { sessionId } = await host.client.call(
    'session.start',
    {
      commandId: newCommandId(),
      agent: 'quick',
      cwd,
      ...(prompt !== undefined && { prompt: text(prompt) }),
    },
    90_000,
  );
  return sessionId;
}
const running = async (): Promise<number> =>
  (await host.client.call('session.list', {})).sessions.length;
async function memoryMb(): Promise<number> {
  const { pid } = await host.client.call('host.status', {});
  const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1_024;
}

test('a demo agent at rest leaves its server running, and only without one it goes to rest', async () => {
  const id = await start('server', 'SCRIPT:shell cmd=sleep 600 >/dev/null 2>&1 & echo $! > pid');
  await host.allow(await host.approval(id));
  await host.turnEnded(id);
  const pid = Number(readFileSync(join(host.workspace, 'server', 'pid'), 'utf8'));
  const plain = await start('plain', 'SCRIPT:recall');
  await host.turnEnded(plain);
  const { instance } = await host.state(id);
  host.writeConfig(config({ sessions: { hibernateAfterMinutes: 0.005 } }));
  // Idle for less long than the other one: that was looked at before.
  await host.until(plain, (state) => state.instance === null);
  expect((await host.state(id)).instance).toBe(instance);
  process.kill(pid, 'SIGKILL');
  await host.until(id, (state) => state.instance === null);
  host.writeConfig(config());
  const exit = (await host.events(id)).findLast(({ type }) => type === 'agent.exited');
  expect(exit).toMatchObject({ expected: true, hibernated: true });
}, 60_000);

test.skipIf(process.platform !== 'linux')(
  '64 sessions in 64 folders, each with an approval at once: all answered, nothing lost, little memory',
  async () => {
    const before = await memoryMb();
    const ids = await Promise.all(
      Array.from({ length: SESSIONS }, async (_, n) => await start(`folder-${n}`)),
    );
    const prompt = 'SCRIPT:approve n=1';
    await Promise.all(ids.map(async (id) => await host.send(id, prompt)));
    const open = await eventually(async () => {
      const { approvals } = await host.client.call('approval.list', {});
      return approvals.length === SESSIONS ? approvals : null;
    }, 60_000);
    // As many agents run as may, and all wait for somebody: no room for another one.
    await expect(start('one-too-many')).rejects.toThrow('64 agents run already');
    const outcomes = await Promise.all(open.map(async (approval) => await host.allow(approval)));
    expect(new Set(outcomes)).toEqual(new Set(['decided']));
    await Promise.all(ids.map(async (id) => await host.turnEnded(id, 1, 60_000)));
    const histories = await Promise.all(
      ids.map(async (id) => {
        const events = await host.events(id);
        const said = events.flatMap((each) => (each.type === 'agent.text' ? [each.text] : []));
        return {
          isWhole: events.every(({ seq }, index) => seq === index + 1),
          said: said.join(''),
          outcome: (await host.state(id)).turn?.outcome,
        };
      }),
    );
    expect(histories).toEqual(
      ids.map(() => ({ isWhole: true, said: 'Decisions: allowed.', outcome: 'completed' })),
    );
    expect((await memoryMb()) - before).toBeLessThan(MEMORY_MB);
    // Now all are idle: the one that is so for longest makes room, and comes back when it is asked.
    const another = await start('another', 'SCRIPT:recall');
    await host.turnEnded(another);
    const [asleep] = await eventually(async () => {
      const states = await Promise.all(ids.map(async (id) => await host.state(id)));
      const out = states.filter(({ instance }) => instance === null);
      return out.length > 0 ? out : null;
    });
    if (asleep === undefined) throw new Error('none made room');
    await host.send(asleep.id, 'SCRIPT:recall');
    await host.turnEnded(asleep.id, 2);
    const said = (await host.events(asleep.id)).findLast(({ type }) => type === 'agent.text');
    expect(said).toMatchObject({ text: 'You have sent 2 prompts, this one included.' });
    expect(await running()).toBe(SESSIONS + 3);
  },
  120_000,
);

test('after the keeper and the host were killed no agent is started until one is prompted', async () => {
  const { pid, keeperPid } = await host.client.call('host.status', {});
  for (const each of [keeperPid, pid]) process.kill(each, 'SIGKILL');
  await eventually(async () => (isAlive(pid) || isAlive(keeperPid) ? null : true));
  await host.connect();
  const { sessions } = await host.client.call('session.list', {});
  const withAgent = async (): Promise<SessionId[]> => {
    const states = await Promise.all(sessions.map(async ({ id }) => await host.state(id)));
    return states.filter(({ instance }) => instance !== null).map(({ id }) => id);
  };
  expect([sessions.length, await withAgent()]).toEqual([SESSIONS + 3, []]);
  const last = sessions.at(-1);
  if (last === undefined) throw new Error('no session');
  await host.send(last.id, 'SCRIPT:recall');
  await host.turnEnded(last.id, 2);
  expect(await withAgent()).toEqual([last.id]);
}, 60_000);
