import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation } from '../../../../src/protocol/methods.ts';
import { CliBench, NOW } from '../run-cli.ts';

const FIRST_COMMAND = '01920000-0000-7000-8000-000000000001';
const fresh: Conversation = {
  agentSession: 'c-1',
  title: 'Mend the \u001b[31mgate',
  cwd: '/garden',
  updatedAt: new Date(NOW - 120_000).toISOString(),
  sessionId: null,
};
const old: Conversation = {
  agentSession: 'c-0',
  title: '',
  cwd: '/',
  updatedAt: null,
  sessionId: null,
};

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
});
afterEach(async () => await bench.down());

describe('adopt', () => {
  it('without a conversation lists them: rows of the contract, and a table without control characters', async () => {
    bench.host.conversations = [fresh, old];
    expect(await bench.json('adopt', '--agent', 'demo')).toEqual({
      code: 0,
      value: [fresh, old],
      stderr: '',
    });
    expect((await bench.run(['adopt', '--agent', 'demo'])).stdout.split('\n')).toEqual([
      'CONVERSATION  CHANGED    HERE  FOLDER   TITLE',
      'c-1           2 min ago        /garden  Mend the ‹U+001B›[31mgate',
      'c-0                            /        (no title)',
      '',
    ]);
  });

  it('gives an empty array where there are none, and says so in words', async () => {
    expect(await bench.json('adopt')).toEqual({ code: 0, value: [], stderr: '' });
    const { stdout } = await bench.run(['adopt', '--agent', 'demo', '--cwd', 'here']);
    expect(stdout).toBe('demo has no conversations in /work-folder/here.\n');
  });

  it('with one hands everything on, the folder whole, and gives the session', async () => {
    const ran = await bench.json(
      ...['adopt', 'c-1', '--agent', 'demo', '--cwd', 'here', '--mode', 'plan', '--share'],
    );
    expect(bench.host.calls.at(-1)).toEqual({
      method: 'session.adopt',
      params: {
        commandId: FIRST_COMMAND,
        agentSession: 'c-1',
        agent: 'demo',
        cwd: '/work-folder/here',
        mode: 'plan',
        share: true,
      },
    });
    expect(ran).toEqual({
      code: 0,
      value: { sessionId: expect.stringMatching(/^s_/) },
      stderr: '',
    });
  });
});
