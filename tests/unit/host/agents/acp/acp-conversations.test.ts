import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../../../src/base/log.ts';
import { AcpConversations } from '../../../../../src/host/agents/acp/acp-conversations.ts';
import type { Launch } from '../../../../../src/host/agents/profile.ts';
import { newInstanceId } from '../../../../../src/host/ids.ts';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { SILENCE, type ScriptedAgent } from '../../../../fakes/scripted-agent.ts';
import { eventually, HostCore, newFolder, profile, quiet } from '../../support/host-core.ts';
import { tellingAgent } from '../../support/telling-agent.ts';

const launch: Launch = { profile, command: 'scripted', args: [], env: {} };
const conversation = (n: number) => ({
  sessionId: `c${n}`,
  cwd: '/tmp',
  updatedAt: new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString(),
});

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
let conversations: AcpConversations;

beforeEach(() => {
  scripted = tellingAgent();
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  conversations = new AcpConversations({
    pipes: keeper.connect(),
    logger: silentLogger,
    version: '0',
    newInstanceId,
  });
});
afterEach(() => vi.useRealTimers());

const ids = async (query: { cwd?: string; wanted?: string } = {}) =>
  (await conversations.list(launch, query)).conversations.map(({ agentSession }) => agentSession);
const nothingLeft = async () =>
  await eventually(() => (keeper.statuses().length === 0 ? true : null));

/** Pages of two, the newest first. */
function paged(count: number): void {
  const all = Array.from({ length: count }, (_, i) => conversation(count - i));
  scripted.handlers['session/list'] = (_, { params }) => {
    const from = Number(params?.cursor ?? 0);
    const nextCursor = from + 2 < all.length ? String(from + 2) : null;
    return { sessions: all.slice(from, from + 2), nextCursor };
  };
}

test('pages are followed to the end, and the process is gone afterwards', async () => {
  paged(5);
  expect(await ids()).toEqual(['c5', 'c4', 'c3', 'c2', 'c1']);
  await nothingLeft();
});

test('500 are enough; one that is asked for by its id is looked for further back', async () => {
  const pages = (size: number) => {
    scripted.handlers['session/list'] = (_, { params }) => {
      const from = Number(params?.cursor ?? 0);
      const sessions = Array.from({ length: size }, (__, i) => conversation(from + i));
      return { sessions, nextCursor: String(from + size) };
    };
  };
  pages(200);
  expect(await ids()).toHaveLength(500);
  expect(await ids({ wanted: 'c1234' })).toContain('c1234');
  expect(scripted.count('session/list')).toBe(3 + 7);
  // One that no page has: it ends all the same.
  pages(1);
  expect(await ids({ wanted: 'none' })).toHaveLength(200);
});

test('a page that leads back to an earlier one ends it', async () => {
  scripted.handlers['session/list'] = () => ({ sessions: [conversation(1)], nextCursor: 'again' });
  expect(await ids()).toEqual(['c1']);
});

test('what cannot be read is left out: items, times and titles of a wrong shape', async () => {
  scripted.handlers['session/list'] = () => ({
    sessions: [
      { sessionId: 'good', cwd: '/tmp', title: 7, updatedAt: 'yesterday', _meta: { x: 1 } },
      { sessionId: 'long', cwd: '/', title: `\n${'porch '.repeat(1_000)}` },
      { sessionId: 'no folder' },
      { sessionId: 'x'.repeat(401), cwd: '/' },
      'text',
      null,
    ],
  });
  expect((await conversations.list(launch, {})).conversations).toEqual([
    { agentSession: 'good', cwd: '/tmp', title: '', updatedAt: null },
    { agentSession: 'long', cwd: '/', title: 'porch '.repeat(34).slice(0, 200), updatedAt: null },
  ]);
});

test('asked for twice at once, the agent is started once; asked for something else, again', async () => {
  const all = await Promise.all([ids(), ids(), ids({ cwd: '/tmp' })]);
  expect(all).toEqual([['old'], ['old'], ['old']]);
  expect(scripted.processes).toHaveLength(2);
  expect(scripted.processes.at(-1)?.heard.at(-1)?.params).toEqual({ cwd: '/tmp' });
});

test('an agent that cannot list says so by its capabilities', async () => {
  scripted.handlers.initialize = () => ({ protocolVersion: 1, agentCapabilities: {} });
  expect(await conversations.list(launch, {})).toEqual({
    canLoad: false,
    canList: false,
    conversations: [],
  });
  expect(scripted.told()).toEqual(['initialize']);
});

test.each([
  [{ code: -32000, message: 'Authentication required' }, 'Scripted is not signed in'],
  [{ code: -32603, message: 'no disk' }, 'Scripted: no disk'],
  [{ code: -32601, message: 'Method not found' }, 'Scripted cannot list its conversations.'],
])('an error of the agent is told in words: %o', async (error, words) => {
  scripted.handlers['session/list'] = (process, { id }) => {
    process.say({ id, error });
    return SILENCE;
  };
  await expect(ids()).rejects.toThrow(words);
  await nothingLeft();
});

test('an answer that is none is told in words', async () => {
  scripted.handlers['session/list'] = () => 'nonsense';
  await expect(ids()).rejects.toThrow('something that cannot be read');
});

test('a program that is missing, or exits, is told with its last words', async () => {
  await expect(conversations.list({ ...launch, command: 'missing' }, {})).rejects.toThrow(
    'Scripted could not be started',
  );
  scripted.handlers['session/list'] = (process) => {
    process.io.complain('out of memory');
    process.io.exit(9);
    return SILENCE;
  };
  await expect(ids()).rejects.toThrow('exited with code 9. Its last words: out of memory');
  await nothingLeft();
});

test('an agent that is silent is ended after 60 s', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  scripted.handlers['session/list'] = () => SILENCE;
  const refused = expect(ids()).rejects.toThrow(
    'Scripted did not list its conversations within 60 s',
  );
  await eventually(() => scripted.count('session/list') || null);
  await vi.advanceTimersByTimeAsync(60_000);
  await refused;
  await nothingLeft();
});

test('a banner ahead of the protocol, and requests of the agent, are no obstacle', async () => {
  scripted.handlers['session/list'] = (process) => {
    process.io.say('Welcome!');
    process.say({ id: 77, method: 'fs/read_text_file', params: {} });
    return { sessions: [conversation(1)] };
  };
  expect(await ids()).toEqual(['c1']);
  expect(scripted.processes[0]?.heard).toContainEqual(
    expect.objectContaining({ id: 77, error: expect.objectContaining({ code: -32601 }) }),
  );
});

test('the next host ends what a host that was killed has left of it', async () => {
  scripted.handlers['session/list'] = () => SILENCE;
  void ids().catch(() => {});
  await eventually(() => scripted.count('session/list') || null);
  const core = new HostCore({ pipes: keeper.connect(), folder: newFolder() });
  await core.restore();
  await quiet();
  expect(keeper.statuses()).toEqual([]);
  core.close();
});
