import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { OwnRelay } from '../../../../src/host/relay/own-relay.ts';
import type { RelayChildEvents, RelayListening } from '../../../../src/host/relay/relay-child.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

interface Run {
  readonly listening: RelayListening;
  readonly on: RelayChildEvents;
  isEnding: boolean;
}

let folder: string;
let portFile: string;
let timers: FakeTimers;
let runs: Run[];
let relay: OwnRelay;
let free: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'own-relay-'));
  portFile = join(folder, 'relay.json');
  timers = new FakeTimers();
  runs = [];
  free = 4_000;
  relay = make();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function make(): OwnRelay {
  return new OwnRelay({
    run: (listening, on) => {
      const run: Run = { listening, on, isEnding: false };
      runs.push(run);
      return { end: () => (run.isEnding = true) };
    },
    freePort: async () => ++free,
    random: () => 0,
    ...{ portFile, timers, logger: silentLogger },
  });
}

const wish = { port: null, lan: null, names: [] };
/** What was asked for is under way in the next turn. */
const turn = async () => await new Promise((resolve) => setImmediate(resolve));
const last = (): Run => {
  const run = runs.at(-1);
  if (run === undefined) throw new Error('not run');
  return run;
};
async function fail(isTaken = false): Promise<void> {
  last().on.ended({ isTaken, words: 'it ended with 1' });
  timers.advance(30_000);
  await turn();
}

test('it runs while it is wished for, at a free port that is kept for the next time', async () => {
  relay.wish(wish);
  await turn();
  const before = [relay.url, relay.isReady];
  last().on.ready();
  expect([before, relay.url, relay.isReady]).toEqual([
    [null, false],
    'http://127.0.0.1:4001',
    true,
  ]);
  expect(JSON.parse(readFileSync(portFile, 'utf8'))).toEqual({ port: 4_001 });
  relay.wish(null);
  expect([last().isEnding, relay.url]).toEqual([true, null]);
  last().on.ended({ isTaken: false, words: 'it ended with 0' });
  await turn();
  const next = make();
  next.wish(wish);
  await turn();
  expect([runs.length, last().listening.port]).toEqual([2, 4_001]);
});

test('a free port that somebody takes first is no problem: the next try has another', async () => {
  relay.wish(wish);
  await turn();
  await fail(true);
  expect([last().listening.port, relay.problem]).toEqual([4_002, null]);
});

test('one that dies comes back; one that does not come up is told in words, until it does', async () => {
  relay.wish({ ...wish, port: 7_410 });
  await turn();
  last().on.ready();
  for (let n = 0; n < 4; n += 1) await fail(true);
  const quiet = relay.problem;
  await fail(true);
  expect([quiet, relay.problem]).toEqual([
    null,
    'The relay of this machine does not run, so that no device can connect: port 7410 of 127.0.0.1 is taken by another program: end that, or change relay.port in config.json.',
  ]);
  last().on.ready();
  expect([relay.problem, relay.url]).toEqual([null, 'http://127.0.0.1:7410']);
});

test('a changed wish ends the one that runs, and starts the new one when it is gone', async () => {
  relay.wish(wish);
  await turn();
  last().on.ready();
  relay.wish({ ...wish, lan: '192.168.1.2', names: ['box.example'] });
  await turn();
  const between = [runs.length, runs[0]?.isEnding, relay.lanUrl];
  last().on.ended({ isTaken: false, words: 'it ended with 0' });
  await turn();
  last().on.ready();
  expect([between, last().listening, relay.lanUrl, relay.url]).toEqual([
    [1, true, null],
    { port: 4_001, lan: '192.168.1.2', names: ['box.example'] },
    'http://192.168.1.2:4001',
    'http://127.0.0.1:4001',
  ]);
});

test('the same wish again changes nothing, and a wish taken back while it starts ends it', async () => {
  relay.wish(wish);
  relay.wish({ ...wish });
  await turn();
  expect(runs.length).toBe(1);
  relay.wish(null);
  relay.wish(wish);
  last().on.ended({ isTaken: false, words: '' });
  await turn();
  last().on.ready();
  expect([runs.length, relay.isReady]).toEqual([2, true]);
});

test('a damaged port file costs a new port and nothing else', async () => {
  writeFileSync(portFile, '{"port":');
  relay.wish(wish);
  await turn();
  last().on.ready();
  expect(relay.url).toBe('http://127.0.0.1:4001');
});
