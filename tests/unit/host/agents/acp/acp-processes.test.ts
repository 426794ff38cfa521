import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StoreFull, type Store } from '../../../../../src/host/event-log/store.ts';
import { KeeperRefusal } from '../../../../../src/host/keeper-link/agent-pipes.ts';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent } from '../../../../fakes/scripted-agent.ts';
import { eventually, HostCore, newCommandId, quiet } from '../../support/host-core.ts';

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
const cores: HostCore[] = [];

function host(needs: Partial<ConstructorParameters<typeof HostCore>[0]> = {}): HostCore {
  const core = new HostCore({ ...needs, pipes: needs.pipes ?? keeper.connect() });
  cores.push(core);
  return core;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  scripted = new ScriptedAgent();
  keeper = new MemoryKeeper({ scripted: scripted.agent });
});
afterEach(() => {
  for (const core of cores.splice(0)) core.close();
  vi.useRealTimers();
});

test('a line that the keeper cannot take now goes again, and those behind it follow in order', async () => {
  const pipes = keeper.connect();
  const write = pipes.write.bind(pipes);
  let isBusy = true;
  pipes.write = async (instance, n, line) => {
    if (isBusy && line.includes('session/prompt')) throw new KeeperRefusal('busy', 'does not read');
    return await write(instance, n, line);
  };
  scripted.handlers['session/prompt'] = () => SILENCE;
  const core = host({ pipes });
  const id = await core.start('work');
  core.sessions.cancel(id, newCommandId(), 'test');
  await quiet();
  expect(scripted.told()).toEqual(['initialize', 'session/new', 'session/set_mode']);
  isBusy = false;
  await vi.advanceTimersByTimeAsync(1_000);
  await eventually(() => scripted.count('session/cancel') || null);
  expect(scripted.told().slice(3)).toEqual(['session/prompt', 'session/cancel']);
});

test('an agent that closes its input and lives on is ended', async () => {
  const pipes = keeper.connect();
  const write = pipes.write.bind(pipes);
  pipes.write = async (instance, n, line) => {
    if (line.includes('session/prompt')) throw new KeeperRefusal('exited', 'closed its stdin');
    return await write(instance, n, line);
  };
  const core = host({ pipes });
  const id = await core.start('work');
  expect((await core.turnEnded(id)).turn?.outcome).toBe('interrupted');
  expect(keeper.statuses()).toEqual([]);
});

test('a process whose end the keeper did not manage is ended again', async () => {
  const pipes = keeper.connect();
  const end = pipes.end.bind(pipes);
  let tries = 0;
  pipes.end = async (instance) => {
    tries += 1;
    if (tries === 1) throw new Error("The keeper's end took longer than 15000 ms");
    await end(instance);
  };
  const core = host({ pipes });
  core.sessions.stop(await core.start(), newCommandId(), 'test');
  await quiet();
  expect(keeper.statuses()).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(10_000);
  await eventually(() => (keeper.statuses().length === 0 ? true : null));
});

test('a start that the keeper answers too late leaves no process behind', async () => {
  const pipes = keeper.connect();
  const spawn = pipes.spawn.bind(pipes);
  pipes.spawn = async (spec) => {
    await spawn(spec);
    throw new Error("The keeper's spawn took longer than 10000 ms");
  };
  const core = host({ pipes });
  await expect(core.start()).rejects.toThrow('could not be started');
  await eventually(() => (keeper.statuses().length === 0 ? true : null));
});

test('with a full disk nothing is lost, though the agent has exited meanwhile', async () => {
  let isFull = false;
  const around = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name: keyof Store) => {
        const value = target[name];
        if (name !== 'commit') return typeof value === 'function' ? value.bind(target) : value;
        return (work: never) => {
          if (isFull) throw new StoreFull('the disk is full');
          return target.commit(work);
        };
      },
    });
  scripted.handlers['session/prompt'] = (process, { params }) => {
    isFull = true;
    for (let n = 1; n <= 300; n += 1) process.chunk(String(params?.sessionId), `${n} `);
    process.io.exit(1);
    return SILENCE;
  };
  const core = host({ around });
  const told: (string | null)[] = [];
  core.driver.processes.onStalled = (message) => told.push(message);
  const id = await core.start('work');
  await quiet();
  expect([core.state(id).state, told]).toEqual(['working', ['the disk is full']]);
  await vi.advanceTimersByTimeAsync(2_000);
  await quiet();
  isFull = false;
  await vi.advanceTimersByTimeAsync(4_000);
  await core.turnEnded(id);
  const chunks = core.events(id).flatMap((e) => (e.type === 'agent.text' ? [e.text] : []));
  expect(chunks).toEqual(Array.from({ length: 300 }, (_, index) => `${index + 1} `));
  expect(told.at(-1)).toBe(null);
});

test('a line that cannot be taken in through a fault of ours is left out and said so; the rest stays', async () => {
  scripted.handlers['session/prompt'] = (process, { params }) => {
    const session = String(params?.sessionId);
    process.chunk(session, 'before ');
    process.update(session, { sessionUpdate: 'plan', entries: [] });
    process.chunk(session, 'after');
    return { stopReason: 'end_turn' };
  };
  const core = host();
  const id = await core.start();
  const append = core.log.commit.bind(core.log);
  core.log.commit = (work) =>
    append((tx) =>
      work({
        ...tx,
        append: (session, body) => {
          if (body.type === 'plan.updated') throw new TypeError('a fault');
          return tx.append(session, body);
        },
      }),
    );
  core.send(id, 'work');
  expect((await core.turnEnded(id)).turn?.outcome).toBe('completed');
  expect(
    core
      .events(id)
      .flatMap((e) => (e.type === 'agent.text' || e.type === 'notice' ? [e.text] : [])),
  ).toEqual(['before ', expect.stringContaining('could not be taken in'), 'after']);
});

test('a process whose end was noted and not begun is ended by the next host', async () => {
  const core = host();
  const id = await core.start();
  const { folder } = core;
  const pipes = keeper.connect();
  core.sessions.stop(id, newCommandId(), 'test');
  core.leave();
  cores.pop();
  expect(keeper.statuses()).toMatchObject([{ state: 'running' }]);
  await host({ pipes, folder }).restore();
  await eventually(() => (keeper.statuses().length === 0 ? true : null));
});

test('a process that is ahead of the history (a backup was put in place) is ended, not spoken to past', async () => {
  const core = host();
  const id = await core.start();
  const [row] = core.store.instances();
  await keeper.connect().write(row?.instance ?? '', (row?.lastOut ?? 0) + 1, '{"method":"later"}');
  core.leave();
  cores.pop();
  const next = await host({ folder: core.folder }).restore();
  await eventually(() => (keeper.statuses().length === 0 ? true : null));
  next.send(id, 'work');
  expect((await next.turnEnded(id)).turn?.outcome).toBe('completed');
});
