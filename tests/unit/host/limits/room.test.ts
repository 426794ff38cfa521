import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent } from '../../../fakes/scripted-agent.ts';
import { eventually, HostCore, newCommandId, profile, quiet, text } from '../support/host-core.ts';

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
let core: HostCore;

const running = () => keeper.statuses().filter(({ state }) => state === 'running').length;
const stop = (id: SessionId) => core.sessions.stop(id, newCommandId(), 'test');
const resume = async (id: SessionId) => await core.sessions.resume(id, newCommandId(), 'test');
const notices = (id: SessionId) =>
  core.events(id).flatMap((event) => (event.type === 'notice' ? [event.text] : []));
const began = (ids: SessionId[]) => ids.filter((id) => core.state(id).turn !== null);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  scripted = new ScriptedAgent();
  scripted.handlers['session/prompt'] = (_, { params }) =>
    JSON.stringify(params).includes('work') ? SILENCE : { stopReason: 'end_turn' };
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  core = new HostCore({ pipes: keeper.connect(), profile: { ...profile, sharesProcess: false } });
  core.agentProcesses = 2;
});
afterEach(() => {
  core.close();
  vi.useRealTimers();
});

const FULL =
  '2 agents run already, and none of them is idle; limits.agentProcesses in config.json allows 2. Stop a session, or raise the limit.';

describe('when as many agents run as may', () => {
  test('a new session is refused with what to do; none is made', async () => {
    await Promise.all([core.start('work'), core.start('work')]);
    await expect(core.start('more')).rejects.toThrow(FULL);
    expect([core.log.states().size, running()]).toEqual([2, 2]);
  });

  test('of many that start at once as many are made as there is room for', async () => {
    const all = await Promise.allSettled(
      Array.from({ length: 8 }, async () => await core.start('work')),
    );
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
    expect([core.log.states().size, running()]).toEqual([2, 2]);
  });

  test('the one that is idle for longest makes room for a new session', async () => {
    const ids = [await core.start(), await core.start()];
    await core.hibernation.look();
    core.steadyMs += 1_000;
    core.sessions.rename(ids[0] ?? no(), newCommandId(), 'Touched', 'test');
    await core.hibernation.look();
    core.steadyMs += 1_000;
    await core.start('work');
    expect([running(), ids.map((id) => core.state(id).instance === null)]).toEqual([
      2,
      [false, true],
    ]);
  });

  test('prompts of other sessions wait in their order, are told why, and go when there is room', async () => {
    const asleep = [await core.start(), await core.start(), await core.start()];
    asleep.forEach(stop);
    await eventually(() => running() === 0 || null);
    const busy = [await core.start('work'), await core.start('work')];
    for (const id of asleep) core.send(id, 'work');
    await eventually(() => asleep.every((id) => notices(id).length > 0) || null);
    expect([running(), began(asleep), asleep.map(notices), core.problems.at(-1)]).toEqual([
      2,
      [],
      asleep.map(() => [`The prompt waits for room for its agent. ${FULL}`]),
      `3 sessions wait. ${FULL}`,
    ]);
    stop(busy[0] ?? no());
    await eventually(() => began(asleep).length === 1 || null);
    stop(busy[1] ?? no());
    await eventually(() => began(asleep).length === 2 || null);
    expect([began(asleep), asleep.flatMap(notices).length]).toEqual([asleep.slice(0, 2), 3]);
    core.agentProcesses = 3;
    await vi.advanceTimersByTimeAsync(2_000);
    await eventually(() => began(asleep).length === 3 || null);
    await quiet();
    expect(core.problems.at(-1)).toBeNull();
  });

  test('a new session does not go ahead of one that waits', async () => {
    const asleep = await core.start();
    stop(asleep);
    await eventually(() => running() === 0 || null);
    await Promise.all([core.start('work'), core.start('work')]);
    core.send(asleep, 'work');
    await eventually(() => notices(asleep)[0] ?? null);
    core.agentProcesses = 3;
    await expect(core.start('work')).rejects.toThrow('agents run already');
    await vi.advanceTimersByTimeAsync(2_000);
    await eventually(() => began([asleep]).length === 1 || null);
  });

  test('one that is stopped while it waits is forgotten, and the next one is first', async () => {
    const asleep = [await core.start(), await core.start()];
    asleep.forEach(stop);
    await eventually(() => running() === 0 || null);
    const [busy] = [await core.start('work'), await core.start('work')];
    for (const id of asleep) core.send(id, 'work');
    await eventually(() => notices(asleep[1] ?? no())[0] ?? null);
    stop(asleep[0] ?? no());
    stop(busy);
    await eventually(() => began(asleep).length === 1 || null);
    expect(began(asleep)).toEqual([asleep[1]]);
  });

  test('a resume is refused in words, does not fail the session, and a prompt after it waits', async () => {
    const asleep = await core.start();
    stop(asleep);
    await eventually(() => running() === 0 || null);
    const busy = await core.start('work');
    await core.start('work');
    const resuming = resume(asleep);
    core.send(asleep, 'work');
    await expect(resuming).rejects.toThrow(FULL);
    await eventually(() => notices(asleep)[0] ?? null);
    expect(core.state(asleep).problem).toBeNull();
    stop(busy);
    await eventually(() => began([asleep]).length === 1 || null);
  });
});

test('the last place is kept for a session while its worktree is made', async () => {
  vi.useRealTimers();
  core.agentProcesses = 1;
  const repository = join(core.folder, 'repository');
  execFileSync('git', ['init', '-q', repository]);
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@b.c'];
  const first = ['commit', '-q', '--allow-empty', '-m', 'first'];
  execFileSync('git', ['-C', repository, ...who, ...first]);
  const start = async () =>
    await core.sessions.start(
      {
        ...{ commandId: newCommandId(), cwd: repository, prompt: text('work') },
        ...{ isolate: 'worktree', share: false },
      },
      'test',
    );
  const all = await Promise.allSettled([start(), start()]);
  await eventually(
    () => [...core.log.states().values()].every(({ turn }) => turn !== null) || null,
  );
  const states = [...core.log.states().values()].map(({ state }) => state);
  expect([all.map(({ status }) => status).sort(), states, running()]).toEqual([
    ['fulfilled', 'rejected'],
    ['working'],
    1,
  ]);
});

test('sessions that share a process need room for one', async () => {
  core.close();
  core = new HostCore({ pipes: keeper.connect() });
  core.agentProcesses = 1;
  await Promise.all(Array.from({ length: 8 }, async () => await core.start('work')));
  expect([core.log.states().size, running()]).toEqual([8, 1]);
});

function no(): never {
  throw new Error('no session');
}
