import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../../src/base/log.ts';
import { OpenInTerminals } from '../../../../../src/host/agents/open-elsewhere/open-elsewhere.ts';
import type { RunningProgram } from '../../../../../src/host/agents/open-elsewhere/running-programs.ts';
import type { AgentProfile } from '../../../../../src/host/agents/profile.ts';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { profile } from '../../support/host-core.ts';

const sits = (pid: number, more: Partial<RunningProgram> = {}): RunningProgram => ({
  pid,
  cwd: '/garden',
  startedAt: '4711',
  isMarked: false,
  ...more,
});

const terminal: AgentProfile = {
  ...profile,
  elsewhere: {
    programs: ['scripted'],
    records: { variable: 'SCRIPTED_DIR', home: '.scripted', folder: 'live' },
    exit: '/quit',
  },
};

let folder: string;
let keeper: MemoryKeeper;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'records-'));
  mkdirSync(join(folder, 'live'));
  keeper = new MemoryKeeper({ scripted: () => {} });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function record(pid: number, content: object | string): void {
  const text = typeof content === 'string' ? content : JSON.stringify({ pid, ...content });
  writeFileSync(join(folder, 'live', `${pid}.json`), text);
}

async function find(
  running: RunningProgram[] | Error,
  { agentSession = 'mine', of = terminal }: { agentSession?: string; of?: AgentProfile } = {},
) {
  const look = async () => {
    if (running instanceof Error) throw running;
    return running;
  };
  const elsewhere = new OpenInTerminals({
    pipes: keeper.connect(),
    running: { find: look },
    logger: silentLogger,
  });
  const launch = { profile: of, command: 'scripted', args: [], env: { SCRIPTED_DIR: folder } };
  return await elsewhere.find(launch, { agentSession, cwd: '/garden' });
}

test('a process that says it has the conversation is named, wherever it runs', async () => {
  record(10, { sessionId: 'mine', procStart: '4711' });
  expect(await find([sits(10, { cwd: '/elsewhere' })])).toEqual({
    isSure: true,
    words:
      'The conversation is still open in a terminal (Scripted, process 10). Close it there (type /quit), then try again.',
  });
});

test('also one that some other Porchlight started: it writes too', async () => {
  record(10, { sessionId: 'mine' });
  expect(await find([sits(10, { isMarked: true })])).toMatchObject({ isSure: true });
});

test('one that says it has another conversation is in nobody’s way, also in the folder', async () => {
  record(10, { sessionId: 'other' });
  expect(await find([sits(10)])).toBe(null);
});

test('one that says nothing is in the way in its folder, and that is not sure', async () => {
  expect(await find([sits(10)])).toEqual({
    isSure: false,
    words:
      'Scripted is running in /garden (process 10) and may have this conversation open. Close it there (type /quit), then try again.',
  });
  expect(await find([sits(10, { cwd: '/elsewhere' })])).toBe(null);
  expect(await find([sits(10, { isMarked: true })])).toBe(null);
});

test('where no folder can be seen, any of them is', async () => {
  expect(await find([sits(10, { cwd: null })])).toMatchObject({
    isSure: false,
    words: expect.stringContaining('Scripted is running (process 10)'),
  });
});

test.each([
  ['of a process that is gone', { sessionId: 'mine' }, []],
  ['whose number is another process’s now', { sessionId: 'mine', procStart: '9' }, [sits(10)]],
  ['of another number', { pid: 11, sessionId: 'mine' }, [sits(10)]],
  ['torn in the middle', '{"pid":10,"sess', [sits(10)]],
  ['too large', JSON.stringify({ pid: 10, sessionId: 'mine', x: 'x'.repeat(70_000) }), [sits(10)]],
])('a record %s says nothing', async (_, content, running) => {
  record(10, content);
  // What is left is the doubt about a process of that folder.
  expect((await find(running))?.isSure).toBe(running.length === 0 ? undefined : false);
});

test('a start in another form is not compared', async () => {
  record(10, { sessionId: 'mine', procStart: 'Sat Nov 21 07:24:39 2026' });
  expect(await find([sits(10)])).toMatchObject({ isSure: true });
});

test('files beside the records are not opened', async () => {
  mkdirSync(join(folder, 'live', '10.secret.key'));
  mkdirSync(join(folder, 'live', '11.json'));
  expect(await find([sits(12, { cwd: '/elsewhere' })])).toBe(null);
});

test('our own processes are in nobody’s way', async () => {
  const pipes = keeper.connect();
  const { pid } = await pipes.spawn({
    instance: 'i_aaaaaaaaaaaa',
    command: 'scripted',
    args: [],
    cwd: '/',
    env: {},
  });
  record(pid ?? 0, { sessionId: 'mine' });
  expect(await find([sits(pid ?? 0)])).toBe(null);
  expect(await find([sits(pid ?? 0), sits(1)])).toMatchObject({ isSure: false });
});

test('looking that fails is a doubt, told as one', async () => {
  expect(await find(new Error('no ps'))).toEqual({
    isSure: false,
    words:
      'Whether Scripted has this conversation open in a terminal could not be seen (looking failed).',
  });
});

test('an agent of which nothing is known is not looked for', async () => {
  expect(await find(new Error('not to be asked'), { of: profile })).toBe(null);
});
