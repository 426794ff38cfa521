import { expect, test } from 'vitest';
import { readCommandLine } from '../../../src/demo-agent/command-line.ts';

const plain = {
  do: 'serve',
  fault: null,
  speed: 1,
  state: null,
  ownBinary: false,
  linger: false,
  startCommand: null,
};

test('without arguments the agent serves at its natural pace', () => {
  expect(readCommandLine([])).toEqual(plain);
});

test('a known fault and a speed are taken', () => {
  expect(readCommandLine(['--fault', 'auth', '--speed', '10', '--state', '/tmp/x'])).toEqual({
    ...plain,
    fault: 'auth',
    speed: 10,
    state: '/tmp/x',
  });
});

test.each([
  [['--fault', 'toString'], '--fault toString is not known'],
  [['--speed', '0'], '--speed 0: give a number above 0'],
  [['--speed', 'fast'], '--speed fast: give a number above 0'],
  [['--state', 'here'], '--state here: give an absolute path'],
  [['--what'], "Unknown option '--what'"],
  [['stray'], "Unexpected argument 'stray'"],
])('%j is refused with the reason', (argv, reason) => {
  expect(readCommandLine(argv)).toEqual({ do: 'refuse', message: expect.stringContaining(reason) });
});

test('processes behind it, and what it does first, are options', () => {
  expect(readCommandLine(['--own-binary', '--linger', '--start-command', 'git status'])).toEqual({
    ...plain,
    ownBinary: true,
    linger: true,
    startCommand: 'git status',
  });
});
