import { describe, expect, test } from 'vitest';
import { linuxDaemon } from '../../../../src/main/notifications/notice-daemon.linux.ts';
import { noticeDaemon } from '../../../../src/main/notifications/notice-daemon.ts';
import type { BusAnswer } from '../../../../src/main/session-bus.ts';

const TEXT = 'a <b> && "c"';
const said = (text: string): BusAnswer => ({ kind: 'said', text });

/** A daemon that gives these answers, one a question, and a clock that the test sets. */
function daemonOf(...answers: BusAnswer[]) {
  const clock = { nowMs: 0 };
  const asked: string[] = [];
  const daemon = linuxDaemon(
    () => clock.nowMs,
    async ({ method }) => {
      asked.push(method);
      return answers.shift() ?? { kind: 'silent' };
    },
  );
  return { daemon, clock, asked };
}

describe('what is known of a Linux desktop’s notification daemon', () => {
  test.each([
    ['array [ string "actions" string "body-markup" ]', 'a &lt;b&gt; &amp;&amp; "c"'],
    ['array [ string "actions" string "body" ]', TEXT],
  ])('whether it reads markup decides how text is given: %s', async (capabilities, body) => {
    const { daemon } = daemonOf(said(capabilities));
    expect([await daemon.look(), daemon.body(TEXT)]).toEqual([null, body]);
  });

  test('who cannot be asked is taken to read markup, and is tried', async () => {
    const { daemon } = daemonOf({ kind: 'unknown' });
    expect([await daemon.look(), daemon.body('<i>')]).toEqual([null, '&lt;i&gt;']);
  });

  test('none, and one that hangs, are said in words, and asked again next time', async () => {
    const { daemon } = daemonOf({ kind: 'refused', why: 'no' }, { kind: 'silent' }, said('body'));
    expect([await daemon.look(), await daemon.look(), await daemon.look()]).toEqual([
      'No program on this desktop shows notifications: org.freedesktop.Notifications has no owner on the session bus.',
      'The program that shows this desktop’s notifications does not answer.',
      null,
    ]);
  });

  test('is asked once for all who come meanwhile, and again after half a minute', async () => {
    const { daemon, clock, asked } = daemonOf(said('body'), said('body'));
    await Promise.all([daemon.look(), daemon.look()]);
    clock.nowMs = 30_000;
    await daemon.look();
    expect(asked.length).toBe(1);
    clock.nowMs = 30_001;
    await daemon.look();
    expect(asked.length).toBe(2);
  });
});

test.each(['darwin', 'win32'] as const)('%s shows plain text', async (platform) => {
  const daemon = noticeDaemon(platform, () => 0);
  expect([await daemon.look(), daemon.body(TEXT)]).toEqual([null, TEXT]);
});
