import { describe, expect, test } from 'vitest';
import {
  factsOf,
  quietly,
  shownOf,
  silenceOf,
} from '../../../../../../renderer/phone/worker/push/notification.ts';
import { receiptOf } from '../../../../../../renderer/phone/worker/push/outcome.ts';
import type {
  ShowPush,
  SilencePush,
} from '../../../../../../renderer/phone/worker/push/payload.ts';
import { approvalIdSchema, sessionIdSchema } from '../../../../../../src/protocol/ids.ts';

const at = '2026-11-21T14:02:00.000Z';
const atMs = Date.parse(at);
const sessionId = sessionIdSchema.parse('s_0123456789ab');
const approvalId = approvalIdSchema.parse('a_0123456789ab');
const push: ShowPush = {
  ...{ type: 'show', v: 1, host: 'H', badge: 1, tag: approvalId, round: 1, kind: 'decision' },
  ...{ title: 'Shop', body: 'npm test', at, loud: false, sessionId, approvalId, hash: 'f' },
};

describe('a notification', () => {
  test('has its two buttons only where the call may be decided there and the platform has them', () => {
    const buttons = (change: Partial<ShowPush>, maxActions = 2): unknown =>
      shownOf({ ...push, ...change }, maxActions).options.actions?.map(({ action }) => action);
    const { hash: _, ...without } = push;
    expect([
      buttons({}),
      buttons({}, 0),
      shownOf(without, 2).options.actions,
      shownOf(without, 2).options.data.hash,
    ]).toEqual([['allow', 'deny'], undefined, undefined, undefined]);
  });

  test('is heard again only where it is loud', () => {
    expect([
      shownOf(push, 2).options.renotify,
      shownOf({ ...push, loud: true }, 2).options.renotify,
    ]).toEqual([false, true]);
  });

  test('is read back as it was made, and without what nobody made', () => {
    const { data } = shownOf(push, 2).options;
    expect(factsOf(data)).toEqual(data);
    const receipt = quietly(data, 'Shop', 'Allowed.', { isReceipt: true }).options.data;
    expect(factsOf(receipt)).toEqual({
      ...{ host: 'H', tag: approvalId, title: 'Shop', sessionId, approvalId, isReceipt: true },
    });
    expect([null, 7, {}, { tag: 7 }].map(factsOf)).toEqual([null, null, null, null]);
    expect(factsOf({ tag: 't', host: 7, hash: {}, workingSinceMs: 'x' })).toEqual({
      ...{ host: null, tag: 't' },
    });
  });
});

describe('the note of a silent host', () => {
  const note: SilencePush = {
    ...{ type: 'silence', v: 1, host: 'H', badge: 0, tag: 'silence', round: 1 },
    ...{ hostName: 'desk', writtenAt: at, working: 2 },
  };
  const now = atMs + 6 * 60_000;
  const clock = (ms: number): string =>
    new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' }).format(ms);

  test('says since when, by the later of both signs of life, and what was at work', () => {
    expect(
      [null, atMs - 60_000, atMs + 60_000].map((ms) => silenceOf(note, ms, now).options.body),
    ).toEqual([
      `desk has not been heard of since ${clock(atMs)}; 2 sessions were working.`,
      `desk has not been heard of since ${clock(atMs)}; 2 sessions were working.`,
      `desk has not been heard of since ${clock(atMs + 60_000)}; 2 sessions were working.`,
    ]);
    expect(silenceOf({ ...note, working: 1 }, null, now).options.body).toContain(
      '; 1 session was working.',
    );
    expect(silenceOf({ ...note, working: 0 }, null, now).options.body).toBe(
      `desk has not been heard of since ${clock(atMs)}.`,
    );
  });

  test('alarms nobody where this phone has heard of the host since', () => {
    const { title, options } = silenceOf(note, atMs + 4 * 60_000, now);
    expect([title, options.silent, options.renotify]).toEqual(['desk is there', true, false]);
    expect(options.body).toContain(clock(atMs + 4 * 60_000));
    expect(silenceOf(note, null, now).options.renotify).toBe(true);
  });

  test('never names a time that is still to come, and names the day where it is another', () => {
    const ahead = silenceOf({ ...note, writtenAt: '2026-11-21T23:59:00.000Z' }, null, atMs);
    expect(ahead.options.body).toContain(clock(atMs));
    const later = silenceOf(note, null, atMs + 3 * 86_400_000).options.body;
    expect(later).toMatch(/since \S+ .*14|since .*\d\d:\d\d/);
  });
});

test('each end of a decision has a receipt that promises no more than is known', () => {
  expect([
    receiptOf(true, { kind: 'decided', title: 'npm test', delivered: true }),
    receiptOf(true, { kind: 'decided', title: 'npm test', delivered: false }),
    receiptOf(false, { kind: 'decided', title: 'npm test', delivered: true }),
    receiptOf(true, { kind: 'earlier', by: 'window', allowed: false }),
    receiptOf(true, { kind: 'earlier', by: 'device:Pixel 9', allowed: true }),
    receiptOf(true, { kind: 'earlier', by: null, allowed: null }),
    receiptOf(true, { kind: 'expired' }),
    receiptOf(true, { kind: 'toCard', why: 'fresh' }),
    receiptOf(true, { kind: 'failed', wasSent: false, why: null }),
    receiptOf(true, { kind: 'failed', wasSent: true, why: null }),
  ]).toEqual([
    'Allowed: npm test. The agent has it.',
    'Allowed: npm test. The agent does not have it yet.',
    'Denied: npm test.',
    'Already denied in the window.',
    'Already allowed on Pixel 9.',
    'Already decided.',
    'Its time was over before you decided.',
    'A rule asks for a check of you for this. Tap to open.',
    'Not decided: no connection to your computer. Tap to open.',
    'It is not known whether your computer has the decision. Tap to open.',
  ]);
});
