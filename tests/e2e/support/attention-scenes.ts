import type { AttentionItem, NotifyPlace } from '../../../src/protocol/attention.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { deviceIdSchema } from '../../../src/protocol/relay.ts';
import type { FakeHost } from '../../fakes/fake-host.ts';
import { fill } from './window-scenes.ts';

const MIN = 60_000;
export const PIXEL = deviceIdSchema.parse('P'.repeat(22));
export const TABLET = deviceIdSchema.parse('T'.repeat(22));

/** When that was, so many milliseconds ago. */
export const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

export const PLACES: NotifyPlace[] = [
  {
    place: `device:${PIXEL}`,
    kind: 'push',
    name: 'Pixel 9',
    device: PIXEL,
    state: 'on',
    lastAt: ago(2 * MIN),
    problem: null,
  },
  {
    place: `device:${TABLET}`,
    kind: 'push',
    name: 'The tablet in the kitchen',
    device: TABLET,
    state: 'failing',
    lastAt: null,
    problem: 'push.example answers 503, for 20 min.',
  },
  {
    place: 'desktop',
    kind: 'desktop',
    name: 'This desktop',
    state: 'on',
    lastAt: ago(12 * MIN),
    problem: null,
  },
  { place: 'ntfy', kind: 'ntfy', name: 'ntfy.sh', state: 'off', lastAt: null, problem: null },
];

/** The session with the long conversation, and one that is at work beside it. */
export function twoAtWork(host: FakeHost): SessionId[] {
  const main = fill(host);
  const busy = [...host.sessions].find(([, { state }]) => state.title === 'Translate the handbook');
  if (busy === undefined) throw new Error('The scene has no busy session.');
  return [main, busy[0]];
}

function item(given: Partial<AttentionItem> & Pick<AttentionItem, 'id' | 'kind'>): AttentionItem {
  return { title: '', text: '', since: ago(0), seenAt: null, told: [], ...given };
}

/** A decision told at two places, a problem of the machine told nowhere, and a turn that is over; quiet hours. */
export function asking(host: FakeHost, [main, other]: readonly SessionId[]): void {
  const { attention } = host;
  attention.now = {
    quietUntil: new Date(Date.now() + 60 * MIN).toISOString(),
    items: [
      item({
        id: 'ap-1',
        kind: 'decision',
        ...(main !== undefined && { sessionId: main }),
        title: 'A slug for every title',
        text: `Run ${'a-very-long-command-name '.repeat(8)}`,
        since: ago(12 * MIN),
        told: [
          { place: 'window', at: ago(12 * MIN), outcome: 'shown' },
          { place: `device:${PIXEL}`, at: ago(10 * MIN), outcome: 'handed' },
          {
            place: `device:${TABLET}`,
            at: ago(9 * MIN),
            outcome: 'failed',
            problem: 'push.example answers 503.',
          },
          { place: `device:${PIXEL}`, at: ago(2 * MIN), outcome: 'handed' },
        ],
      }),
      item({
        id: 'disk',
        kind: 'machine',
        title: 'The disk is almost full',
        text: 'Sessions wait until there is room.',
        since: ago(4 * MIN),
      }),
      item({
        id: 'done-1',
        kind: 'finished',
        ...(other !== undefined && { sessionId: other }),
        title: 'Sort the invoices \u202ebackwards',
        text: 'Its turn is over.',
        told: [{ place: 'desktop', at: ago(1_000), outcome: 'handed' }],
      }),
    ],
  };
  attention.notify = { ...attention.notify, places: PLACES, quietUntil: attention.now.quietUntil };
}

/** A relay, a phone in use and one that is away, an agent that hangs and one that waits for its model. */
export function reaching(host: FakeHost, [main, other]: readonly SessionId[]): void {
  if (main === undefined || other === undefined) throw new Error('The scene needs two sessions.');
  const hangs = {
    pulse: 'hangs',
    since: ago(6 * MIN),
    heardAt: ago(7 * MIN),
    because: 'It has not answered three questions in a row; its process is there.',
  } as const;
  const waits = {
    pulse: 'waitsForModel',
    since: ago(90_000),
    heardAt: ago(90_000),
    because: 'It answers, and has an open connection to its model.',
  } as const;
  const { attention } = host;
  attention.pulses = [
    { sessionId: main, ...hangs },
    { sessionId: other, ...waits },
  ];
  const note = { state: 'left', why: null, devices: 2, renewedAt: ago(40_000) } as const;
  attention.notify = { ...attention.notify, note };
  attention.reach = {
    at: ago(0),
    relay: {
      url: 'wss://relay.example.org',
      own: false,
      ok: true,
      ms: 41,
      heardAgoSec: 2,
      problem: null,
    },
    devices: [
      {
        id: PIXEL,
        name: 'Pixel 9',
        role: 'approver',
        online: true,
        ms: 86,
        lastSeenAt: ago(1_000),
        push: 'on',
      },
      {
        id: TABLET,
        name: 'The tablet in the kitchen',
        role: 'viewer',
        online: false,
        ms: null,
        lastSeenAt: ago(26 * 60 * MIN),
        push: 'failing',
      },
    ],
    sessions: [
      {
        id: main,
        agent: 'claude',
        title: 'A slug for every title',
        state: 'working',
        pulse: hangs,
        ms: null,
      },
      {
        id: other,
        agent: 'claude',
        title: 'Translate the handbook',
        state: 'working',
        pulse: waits,
        ms: 4,
      },
    ],
    service: { installed: false, kind: 'systemd' },
    note,
  };
}
