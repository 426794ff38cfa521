import { afterEach, beforeEach, expect, test } from 'vitest';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '../../../../src/base/log.ts';
import { AgentUnavailable } from '../../../../src/host/agents/agent-unavailable.ts';
import { EventLog } from '../../../../src/host/event-log/event-log.ts';
import { openStore } from '../../../../src/host/event-log/sqlite-store.ts';
import type { Store } from '../../../../src/host/event-log/store.ts';
import { AgentChoice } from '../../../../src/host/sessions/agent-choice.ts';
import type { AgentEntry } from '../../../../src/protocol/agent.ts';
import { MODES } from '../../../../src/protocol/mode.ts';
import type { Confinement } from '../../../../src/host/sandbox/confinement.ts';
import { newFolder } from '../support/host-core.ts';

let folder: string;
let store: Store;
const entry = (id: string, found = true): AgentEntry => ({
  id,
  name: id,
  found,
  version: null,
  command: null,
  from: null,
  modes: [],
  installable: null,
  signIn: null,
});
const confinement: Pick<Confinement, 'confine' | 'checkChange'> = {
  confine: async (launch) => launch,
  checkChange: async () => {},
};
const choice = (...entries: AgentEntry[]) =>
  new AgentChoice({
    catalogue: {
      list: async () => entries,
      launch: async () => {
        throw new Error('not launched here');
      },
      defaultMode: () => 'ask',
    },
    ...{ store, confinement },
    modes: () => ({ modes: MODES }),
  });

beforeEach(() => {
  folder = newFolder();
  store = openStore(join(folder, 'history.db'), { log: silentLogger });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

test('the only one found is preferred; the demo agent counts only where there is no other', async () => {
  expect(await choice(entry('claude'), entry('codex', false), entry('demo')).preferred()).toBe(
    'claude',
  );
  expect(await choice(entry('claude', false), entry('demo')).preferred()).toBe('demo');
});

test('with several the last used is preferred while it is there, else the person is asked', async () => {
  const both = choice(entry('claude'), entry('codex'));
  await expect(both.preferred()).rejects.toThrow('Which agent? Found: claude, codex.');
  const log = new EventLog(store, { now: () => new Date() });
  log.commit((tx) => both.remember(tx, 'codex'));
  expect(await both.preferred()).toBe('codex');
  expect(await choice(entry('claude'), entry('codex', false)).preferred()).toBe('claude');
});

test('what cannot be used is told with its remedy', () => {
  const mine = choice();
  expect(mine.problemOf(new AgentUnavailable('It is missing.', 'Install it.'))).toEqual({
    kind: 'missing',
    message: 'It is missing.',
    fix: 'Install it.',
  });
  expect(mine.problemOf('odd')).toEqual({ kind: 'other', message: 'odd' });
});

test('with none found the person is told how to get one', async () => {
  await expect(choice(entry('claude', false)).preferred()).rejects.toThrow(
    /No agent was found.*agents install/,
  );
});

test('a mode that the administrator does not allow is refused before the agent is looked for', async () => {
  const source = new AgentChoice({
    catalogue: {
      list: async () => [],
      launch: async () => {
        throw new Error('not launched here');
      },
      defaultMode: () => 'ask',
    },
    ...{ store, confinement },
    modes: () => ({ modes: ['plan', 'ask'] }),
  });
  const refusal = await source.launch('demo', 'auto').catch((error: unknown) => error);
  expect(source.problemOf(refusal)).toEqual({
    kind: 'mode',
    message:
      "The mode auto is not allowed on this machine: its administrator's policy allows plan, ask.",
    fix: 'Choose another mode, for example with --mode plan.',
  });
  await expect(source.launch('demo', 'ask')).rejects.toThrow('not launched here');
});
