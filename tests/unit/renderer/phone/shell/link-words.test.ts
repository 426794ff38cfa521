import { describe, expect, test } from 'vitest';
import type { LinkFacts } from '../../../../../src/connection/device/link-facts.ts';
import type { LinkState } from '../../../../../src/connection/reconnect.ts';
import { epochSchema } from '../../../../../src/protocol/ids.ts';
import { clockOf } from '../../../../../renderer/ui/time.ts';
import {
  agoWords,
  linkWords,
  type LinkGiven,
} from '../../../../../renderer/phone/shell/link-words.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const UP: LinkState = {
  kind: 'up',
  hello: { protocol: 1, version: '1', home: '/h', epoch: epochSchema.parse('e') },
};
const TRYING: LinkState = { kind: 'connecting', failures: 0 };
const DOWN: LinkState = { kind: 'down', failures: 3, reason: 'No answer.', retryAtMs: NOW };
const AWAKE = { asleepSinceMs: null, asleepSaidBy: null };
const FINE: LinkFacts = {
  network: true,
  relay: { up: true, sinceMs: NOW - 60_000, rttMs: 40 },
  host: { here: true, sinceMs: NOW - 60_000, ...AWAKE },
  heardAtMs: NOW - 5_000,
  checked: null,
};

function said(link: LinkState, facts: Partial<LinkFacts> = {}): [string, string] {
  const given = {
    facts: { ...FINE, ...facts },
    link,
    hostName: 'Workbench',
    why: null,
    nowMs: NOW,
  };
  const { kind, title } = linkWords(given);
  return [kind, title];
}

describe('the way to the host in words', () => {
  test('is live only while the host itself was heard, or answered, within a minute', () => {
    expect(said(UP)).toEqual(['live', 'Connected to Workbench']);
    expect(said(UP, { heardAtMs: NOW - 240_000 })).toEqual([
      'quiet',
      'Workbench has not been heard for 4 min',
    ]);
    // A relay that answers says nothing of the host.
    expect(said(UP, { heardAtMs: null, relay: { up: true, sinceMs: NOW, rttMs: 3 } })[0]).toBe(
      'quiet',
    );
    expect(
      said(UP, { heardAtMs: NOW - 240_000, checked: { atMs: NOW - 2_000, tookMs: 80 } })[0],
    ).toBe('live');
  });

  test('names the leg that is broken, the nearest first', () => {
    const away = { here: false, sinceMs: NOW - 600_000, ...AWAKE };
    expect(said(DOWN, { network: false, relay: { up: false, sinceMs: NOW, rttMs: null } })).toEqual(
      ['broken', 'This phone has no network'],
    );
    expect(said(DOWN, { relay: { up: false, sinceMs: NOW - 90_000, rttMs: null } })).toEqual([
      'broken',
      'The relay does not answer for 1 min',
    ]);
    expect(said(TRYING, { host: away })).toEqual(['broken', 'Workbench is away for 10 min']);
    const justGone = { here: false, sinceMs: NOW - 900, ...AWAKE };
    expect(said(TRYING, { host: justGone })).toEqual(['broken', 'Workbench is away']);
    expect(said(DOWN)).toEqual(['broken', 'Workbench does not answer']);
    expect(said({ kind: 'refused', reason: 'Revoked.' })).toEqual([
      'broken',
      'The computer does not let this phone in',
    ]);
  });

  test('is patient with a leg that was lost a moment ago', () => {
    expect(said(TRYING, { relay: { up: false, sinceMs: NOW - 500, rttMs: null } })[0]).toBe(
      'trying',
    );
    expect(said(TRYING)[0]).toBe('trying');
  });
});

describe('a host that said it goes to sleep', () => {
  const slept = NOW - 600_000;
  const clock = clockOf(new Date(slept).toISOString(), NOW);
  const sealed = { asleepSinceMs: slept, asleepSaidBy: 'host' } as const;
  const gone = { here: false, sinceMs: slept + 2_000, ...sealed };
  const words = (link: LinkState, host: LinkFacts['host'], why: string | null = null) =>
    linkWords({
      facts: { ...FINE, heardAtMs: slept, host },
      link,
      hostName: 'Workbench',
      why,
      nowMs: NOW,
    });

  test('is asleep and not away; why, and what works meanwhile, is said', () => {
    expect(words(DOWN, gone, 'nothing held it awake')).toEqual({
      kind: 'asleep',
      title: `Asleep since ${clock}`,
      body: 'Workbench went to sleep. Nothing held it awake. What you write waits here and is sent when it wakes.',
    });
    expect(words(DOWN, gone).body).toMatch(/^Workbench said that it goes to sleep\. What/);
    const hint = { ...gone, asleepSaidBy: 'relay' } as const;
    expect(words(DOWN, hint, 'something older').body).toMatch(/^So the relay says of Workbench\./);
  });

  test('is asleep also while its relay has not noticed yet that it went', () => {
    const unaware = { here: true, sinceMs: slept - 60_000, ...sealed };
    expect(words(UP, unaware).kind).toBe('asleep');
    expect(words(TRYING, unaware).kind).toBe('asleep');
    // The phone met the relay again, which still believes in a connection that is dead.
    const again = { ...unaware, sinceMs: NOW - 40_000 };
    expect([words(TRYING, again).kind, words(DOWN, again).kind]).toEqual(['trying', 'asleep']);
  });

  test('is awake once it answers, also where nobody said that the sleep was called off', () => {
    const here = { here: true, sinceMs: slept - 60_000, ...sealed };
    const checked = (atMs: number) =>
      linkWords({
        facts: { ...FINE, heardAtMs: atMs, checked: { atMs, tookMs: 80 }, host: here },
        link: UP,
        hostName: 'Workbench',
        why: null,
        nowMs: NOW,
      }).kind;
    expect([checked(slept + 2_000), checked(NOW - 1_000)]).toEqual(['asleep', 'live']);
  });

  test('is asleep also where its relay is silent, which may be on the same machine; without a network nothing is known', () => {
    const away = { here: null, sinceMs: null, ...sealed };
    expect(said(DOWN, { network: false, host: away })[1]).toBe('This phone has no network');
    const relay = { up: false, sinceMs: NOW - 90_000, rttMs: null };
    expect(said(DOWN, { relay, host: away })[1]).toBe(`Asleep since ${clock}`);
  });
});

test('an age is in seconds, then minutes, then a time; the future is now', () => {
  expect([0, 12_000, 250_000, -60_000].map((ago) => agoWords(NOW - ago, NOW))).toEqual([
    'just now',
    '12 s ago',
    '4 min ago',
    'just now',
  ]);
  expect(agoWords(NOW - 7_200_000, NOW)).toMatch(/^at /);
  expect(agoWords(null, NOW)).toBe('not yet');
});

test('a host that is away says what it told of coming back, and by whom it was stopped', () => {
  const away: LinkFacts = { ...FINE, host: { here: false, sinceMs: NOW - 600_000, ...AWAKE } };
  const noRelay: LinkFacts = { ...FINE, relay: { up: false, sinceMs: NOW - 90_000, rttMs: null } };
  const body = (facts: LinkFacts, back: LinkGiven['back']): string =>
    linkWords({ facts, link: DOWN, hostName: 'Workbench', why: null, back, nowMs: NOW }).body;
  const service = { installed: true, kind: 'systemd' };
  expect({
    unknown: body(away, {}),
    service: body(away, { service, stoppedAtMs: null }),
    none: body(away, { service: { installed: false, kind: 'systemd' } }),
    stopped: body(away, { service, stoppedAtMs: NOW - 700_000 }),
    stoppedWithItsRelay: body(noRelay, { service, stoppedAtMs: NOW - 700_000 }),
    noRelay: body(noRelay, { service }),
  }).toEqual({
    unknown: 'It sleeps, is off, or has no network. What you write waits here.',
    service:
      'It sleeps, is off, or has no network. After a crash or a reboot it comes back by itself.',
    none: 'It sleeps, is off, or has no network. After a reboot somebody must start it there.',
    stopped:
      'It was stopped by hand, and starts at the computer or by ssh: “porchlight host start”.',
    stoppedWithItsRelay:
      'It was stopped by hand, and starts at the computer or by ssh: “porchlight host start”.',
    noRelay: 'Sessions may well run on. This phone keeps trying.',
  });
});
