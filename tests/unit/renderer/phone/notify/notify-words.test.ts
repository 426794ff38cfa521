import { expect, test } from 'vitest';
import {
  policyChange,
  pushWords,
  secondsWords,
  silenceWords,
  stepsWith,
  testWords,
  withKind,
} from '../../../../../renderer/phone/notify/notify-words.ts';
import type { PushView } from '../../../../../renderer/phone/push/push-here.ts';
import { ATTENTION_KINDS, DEFAULT_NOTIFY_POLICY } from '../../../../../src/protocol/attention.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const ON: PushView = {
  can: 'yes',
  permission: 'granted',
  wanted: true,
  isOn: true,
  kinds: null,
  atHost: {
    state: 'on',
    since: '2026-11-21T08:00:00.000Z',
    lastAt: '2026-11-21T11:56:00.000Z',
    problem: null,
    service: 'push.example',
  },
  isBusy: false,
  problem: null,
};

test('how a phone is told is one sentence, with what is to be done where it is not', () => {
  const said = (view: Partial<PushView>) => {
    const { tone, title, body, act } = pushWords({ ...ON, ...view }, NOW);
    return [tone, act, `${title} ${body}`.trim()];
  };
  const atHost = ON.atHost;
  if (atHost === null) throw new Error('It has a state.');
  const failing = { ...atHost, state: 'failing', problem: 'push.example answered 503.' } as const;
  expect([
    said({}),
    said({ atHost: { ...atHost, lastAt: null } }),
    said({ atHost: failing }),
    said({ isOn: false }),
    said({ permission: 'denied' }),
    said({ can: 'insecure', isOn: false })[2],
    said({ can: 'installFirst', isOn: false })[2],
    said({ can: 'never', isOn: false })[1],
  ]).toEqual([
    ['on', 'turnOff', 'On, by way of push.example. The last one was taken 4 min ago.'],
    ['on', 'turnOff', 'On, by way of push.example. None was sent yet.'],
    ['wrong', 'turnOff', 'On, but failing. push.example answered 503.'],
    ['off', 'turnOn', 'Off.'],
    [
      'wrong',
      null,
      'Blocked in the browser. Allow notifications for this page: in the browser’s menu, under “Site settings” or “Page info”. Then come back.',
    ],
    'Not possible over the local network. This page came over plain http, and browsers notify only for pages from https. By way of a relay with https it works.',
    'Install Porchlight first. On an iPhone or iPad only apps on the home screen are told: tap Share, then “Add to Home Screen”, pair inside the app, and turn it on there.',
    null,
  ]);
});

test('a test says what came of it, also where nobody gave a reason', () => {
  expect([
    testWords({ ok: true, status: 201, tookMs: 40, problem: null }),
    testWords({ ok: false, status: 410, tookMs: 40, problem: null }),
    testWords({ ok: false, status: null, tookMs: 15_000, problem: '' }),
    testWords({ ok: false, status: null, tookMs: 0, problem: 'Not connected.' }),
  ]).toEqual([
    'The push service took it in 40 ms. It shows here in a moment.',
    'It could not be sent. The push service answered 410.',
    'It could not be sent. Nothing answered.',
    'It could not be sent. Not connected.',
  ]);
});

test('all kinds switched on again means all there will ever be', () => {
  const without = withKind(null, 'finished', false);
  expect(without).toEqual(ATTENTION_KINDS.filter((kind) => kind !== 'finished'));
  expect(withKind(without, 'finished', true)).toBeNull();
  expect(withKind([], 'question', true)).toEqual(['question']);
});

test('what was changed of the policy is sent, and nothing else', () => {
  const policy = DEFAULT_NOTIFY_POLICY;
  const quietHours = { from: '22:00', to: '07:00' };
  expect(policyChange(policy, { ...policy })).toBeNull();
  expect(policyChange(policy, { ...policy, seenSec: 60, quietHours })).toEqual({
    seenSec: 60,
    quietHours,
  });
});

test('spans are said in the largest unit that fits, and one that was set elsewhere can be chosen too', () => {
  expect([10, 60, 90, 300, 3_600, 5_400, 86_400].map(secondsWords)).toEqual([
    '10 s',
    '1 min',
    '90 s',
    '5 min',
    '1 h',
    '90 min',
    '24 h',
  ]);
  expect(stepsWith([10, 30], 45)).toEqual([10, 30, 45]);
  expect(stepsWith([10, 30], 30)).toEqual([10, 30]);
});

test('who tells when the computer is silent is said as it is', () => {
  const policy = DEFAULT_NOTIFY_POLICY;
  const note = { state: 'left', why: null, devices: 1, renewedAt: null } as const;
  const why = 'The relay runs on the same machine.';
  expect([
    silenceWords({ policy, note }).words,
    silenceWords({ policy, note: { ...note, state: 'idle' } }).words,
    silenceWords({ policy, note: { ...note, state: 'unavailable', why } }),
    silenceWords({ policy: { ...policy, silenceMinutes: 0 }, note }).words,
  ]).toEqual([
    'The relay tells you after 5 min. Its note is there.',
    'While sessions work, the relay tells you after 5 min. Nothing works now.',
    { words: 'Nobody can tell you.', why },
    'Nobody tells you: this is switched off.',
  ]);
});
