import { expect, test } from 'vitest';
import { AcpReplays, historyOf } from '../../../../../src/host/agents/acp/acp-replay.ts';
import type { LogWriter } from '../../../../../src/host/event-log/event-log.ts';
import { sessionIdSchema } from '../../../../../src/protocol/ids.ts';
import type { EventBody } from '../../../../../src/protocol/session/events.ts';

const ID = sessionIdSchema.parse('s_aaaaaaaaaaaa');
const say = (text: string, messageId?: string): EventBody => ({
  type: 'agent.text',
  text,
  ...(messageId !== undefined && { messageId }),
});
const tool = (toolCallId: string, more: object): EventBody => ({
  type: 'tool.updated',
  toolCallId,
  ...more,
});

/** Commits, or does not. */
function transaction(work: (tx: LogWriter) => void, isKept = true): void {
  const acts: (() => void)[] = [];
  // Of a writer only this is used.
  work({ afterCommit: (act: () => void) => void acts.push(act) } as unknown as LogWriter);
  if (isKept) for (const act of acts) act();
}

test('texts of one message are joined; another message, speaker or call parts them', () => {
  expect(
    historyOf([
      say('a', '1'),
      say('b', '1'),
      say('c', '2'),
      tool('t', { status: 'completed' }),
      say('d', '2'),
    ]),
  ).toEqual([say('ab', '1'), say('c', '2'), tool('t', { status: 'completed' }), say('d', '2')]);
});

test('a long text is joined up to a bound, and loses nothing', () => {
  const texts = historyOf(Array.from({ length: 300 }, () => say('x'.repeat(1_000), '1')));
  const lengths = texts.map((each) => (each.type === 'agent.text' ? each.text.length : 0));
  expect(lengths.reduce((sum, each) => sum + each, 0)).toBe(300_000);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(64 * 1024);
});

test('of a call stays what was said of it last; what never ended has failed', () => {
  expect(
    historyOf([
      tool('a', { status: 'pending', title: 'Bash' }),
      tool('b', { status: 'in_progress' }),
      tool('a', { moreOutput: 'one ' }),
      tool('a', { moreOutput: 'two', status: 'completed', title: 'ls' }),
      tool('a', { status: 'in_progress' }),
    ]),
  ).toEqual([
    tool('a', { status: 'completed', title: 'ls', output: 'one two' }),
    tool('b', { status: 'failed' }),
  ]);
});

test('what a failed transaction took in is not there; what this one took in is', () => {
  const replays = new AcpReplays(() => 0);
  transaction((tx) => replays.begin(tx, ID));
  transaction((tx) => replays.add(tx, ID, [say('lost')]), false);
  transaction((tx) => replays.add(tx, ID, [say('first')]));
  transaction((tx) => {
    replays.add(tx, ID, [say(' second')]);
    expect(replays.whole(tx, ID)?.slice(0, -1)).toEqual([say('first second')]);
  }, false);
  transaction((tx) => {
    expect(replays.whole(tx, ID)?.slice(0, -1)).toEqual([say('first')]);
  });
  expect(replays.isBegun(ID)).toBe(false);
});

test('one whose beginning was not heard here is not whole, and nothing of it is kept', () => {
  const replays = new AcpReplays(() => 0);
  transaction((tx) => replays.add(tx, ID, [say('the end')]));
  transaction((tx) => expect(replays.whole(tx, ID)).toBe(null));
});

test('of one that is too long the newest part is kept, and the history says so', () => {
  const replays = new AcpReplays(() => 0, 10_000);
  transaction((tx) => replays.begin(tx, ID));
  for (let n = 0; n < 1_000; n += 1)
    transaction((tx) => replays.add(tx, ID, [say(`message ${n}`, String(n))]));
  transaction((tx) => {
    const whole = replays.whole(tx, ID) ?? [];
    expect(whole[0]).toMatchObject({ type: 'notice', text: expect.stringContaining('left out') });
    expect(whole.at(-2)).toEqual(say('message 999', '999'));
    expect(JSON.stringify(whole.slice(1, -1)).length).toBeLessThan(10_500);
    expect(whole.length).toBeGreaterThan(100);
  });
});
