import { expect, it } from 'vitest';
import { afterHostExit, type HostExit } from '../../../src/keeper/host-process.ts';

const exit = (more: Partial<HostExit>): HostExit => ({
  code: 1,
  upMs: 50,
  failures: 0,
  holdsAgents: false,
  ...more,
});

it.each([
  [
    'is started again at once after a restart',
    { code: 0, upMs: 60_000, failures: 3 },
    { do: 'restart', afterMs: 0, failures: 0 },
  ],
  [
    'is not started in a tight loop when it exits 0 at once',
    { code: 0, upMs: 20 },
    { do: 'restart', afterMs: 100, failures: 1 },
  ],
  ['waits 100 ms after it died once', {}, { do: 'restart', afterMs: 100, failures: 1 }],
  [
    'waits longer the more often it dies',
    { failures: 4 },
    { do: 'restart', afterMs: 1_600, failures: 5 },
  ],
  [
    'waits 10 s at most',
    { failures: 40, code: null },
    { do: 'restart', afterMs: 10_000, failures: 41 },
  ],
  [
    'counts anew once it was up for 10 s',
    { failures: 40, upMs: 10_000 },
    { do: 'restart', afterMs: 100, failures: 1 },
  ],
  [
    'is back within 2 s when it is killed again and again',
    { failures: 40, code: null, upMs: 5_000 },
    { do: 'restart', afterMs: 1_500, failures: 41 },
  ],
  ['is given up when it refuses and nothing is held', { code: 78 }, { do: 'leave' }],
  [
    'is tried every 10 s when it refuses and agents are held',
    { code: 78, holdsAgents: true, failures: 2 },
    { do: 'restart', afterMs: 10_000, failures: 3 },
  ],
])('a host %s', (_, how, next) => {
  expect(afterHostExit(exit(how), 1)).toEqual(next);
});
