import type { AttentionItem, NotifyState } from '../../../src/protocol/attention.ts';
import { DEFAULT_NOTIFY_POLICY } from '../../../src/protocol/attention.ts';
import { agentIdSchema } from '../../../src/protocol/ids.ts';
import type { Reach } from '../../../src/protocol/reach.ts';
import { deviceIdSchema } from '../../../src/protocol/relay.ts';
import type { FakeHost } from '../../fakes/fake-host.ts';
import { DEVICE } from './phone-host.ts';
import type { PhoneScene } from './phone-scenes.ts';

const agoOf = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** One thing of each kind that a phone shows: open cards, a failed session. */
export function asking(host: FakeHost, scene: PhoneScene): void {
  const cards = [...(host.sessions.get(scene.main)?.state.approvals ?? [])];
  const item = (some: Partial<AttentionItem> & Pick<AttentionItem, 'id' | 'kind'>) => ({
    title: 'A session',
    text: 'It waits.',
    since: agoOf(6),
    seenAt: null,
    told: [],
    ...some,
  });
  host.attention.now = {
    quietUntil: null,
    items: [
      ...cards.map(({ id, sessionId, kind }) =>
        item({
          id,
          kind: kind === 'question' ? 'question' : 'decision',
          sessionId,
          approvalId: id,
        }),
      ),
      item({ id: `failed:${scene.failed}`, kind: 'failed', sessionId: scene.failed }),
    ],
  };
}

/** An agent that hangs, one that waits for its model, another phone and a note with the relay. */
export function reachable(host: FakeHost, scene: PhoneScene): void {
  const pulse = (
    words: Reach['sessions'][number]['pulse']['pulse'],
    because: string,
    min: number,
  ) => ({
    pulse: words,
    since: agoOf(min),
    heardAt: agoOf(min),
    because,
  });
  const claude = agentIdSchema.parse('claude');
  const hangs = pulse('hangs', 'Its process stands still, and it does not answer.', 6);
  const waits = pulse('waitsForModel', 'It answers, and has an open connection to its model.', 2);
  const note = { state: 'left', why: null, devices: 2, renewedAt: agoOf(0.5) } as const;
  host.attention.pulses = [
    { sessionId: scene.busy, ...hangs },
    { sessionId: scene.tree, ...waits },
  ];
  host.attention.reach = {
    at: new Date().toISOString(),
    relay: {
      url: 'https://relay.example:8443/',
      own: false,
      ok: true,
      ms: 38,
      heardAgoSec: 4,
      problem: null,
    },
    devices: [
      {
        id: DEVICE,
        name: 'Pixel 9, Chrome',
        role: 'operator',
        online: true,
        ms: 61,
        lastSeenAt: agoOf(0),
        push: 'on',
      },
      {
        id: deviceIdSchema.parse('dGhlIG90aGVyIHBob25l'.padEnd(22, 'A')),
        name: 'iPad in the kitchen',
        role: 'viewer',
        online: false,
        ms: null,
        lastSeenAt: agoOf(47),
        push: 'failing',
      },
    ],
    sessions: [
      {
        id: scene.busy,
        agent: claude,
        title: 'Read the whole archive',
        state: 'working',
        pulse: hangs,
        ms: null,
      },
      {
        id: scene.tree,
        agent: claude,
        title: 'Slugs in a worktree',
        state: 'working',
        pulse: waits,
        ms: 12,
      },
    ],
    service: { installed: true, kind: 'systemd' },
    note,
  };
  host.attention.notify = { ...host.attention.notify, note };
}

export const notifyState: NotifyState = {
  policy: {
    ...DEFAULT_NOTIFY_POLICY,
    kinds: { ...DEFAULT_NOTIFY_POLICY.kinds, finished: false },
    quietHours: { from: '22:00', to: '07:00' },
    quietExcept: ['machine'],
  },
  places: [
    {
      place: `device:${DEVICE}`,
      kind: 'push',
      name: 'Pixel 9, Chrome',
      device: DEVICE,
      state: 'on',
      lastAt: null,
      problem: null,
    },
    {
      place: 'ntfy',
      kind: 'ntfy',
      name: 'ntfy.example',
      state: 'failing',
      lastAt: null,
      problem: 'It answered 503.',
    },
    {
      place: 'desktop',
      kind: 'desktop',
      name: 'Workbench',
      state: 'on',
      lastAt: null,
      problem: null,
    },
  ],
  note: { state: 'left', why: null, devices: 2, renewedAt: null },
  quietUntil: null,
};
