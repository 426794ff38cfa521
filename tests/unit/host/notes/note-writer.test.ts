import { beforeEach, describe, expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { silentLogger } from '../../../../src/base/log.ts';
import type {
  NoteControl,
  NoteDevice,
  NoteLink,
  NoteSealer,
  NoteWays,
  Silences,
} from '../../../../src/host/notes/note-port.ts';
import { NoteWriter } from '../../../../src/host/notes/note-writer.ts';
import { Rounds } from '../../../../src/host/notes/rounds.ts';
import type { RelayLinkState } from '../../../../src/host/relay/relay-link.ts';
import { pushPayloadSchema, type PushPayload } from '../../../../src/protocol/push.ts';
import { hostControlSchema } from '../../../../src/protocol/relay.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { deviceId } from '../../../support/relay-notes.ts';

const SECOND = 1_000;
const RELAY = 'https://relay.example.org';

class FakeLink implements NoteLink {
  readonly relay: string;
  state: RelayLinkState = { kind: 'down', sinceMs: null, problem: null };
  silences: Silences | null = null;
  said: NoteControl[] = [];

  constructor(relay: string) {
    this.relay = relay;
  }

  say(control: NoteControl): void {
    // As a relay reads it.
    hostControlSchema.parse(control);
    this.said.push(control);
  }

  async whenTaken(): Promise<void> {
    await Promise.resolve();
  }

  up(silences: Silences | null = { minSec: 60, maxSec: 82_800 }): void {
    this.state = { kind: 'up', sinceMs: 1 };
    this.silences = silences;
  }

  down(): void {
    this.state = { kind: 'down', sinceMs: 1, problem: null };
    this.silences = null;
  }
}

let timers: FakeTimers;
let link: FakeLink;
let links: Map<string, FakeLink>;
let devices: NoteDevice[];
let working: number;
let minutes: number;
let sealed: PushPayload[];
let isSealing: boolean;
let writer: NoteWriter;

const device = (relay = RELAY, name = 'a'): NoteDevice => ({
  ...{ id: deviceId(), relay },
  subscription: {
    endpoint: `https://push.example.org/${name}`,
    keys: { p256dh: 'x'.repeat(87), auth: 'y'.repeat(22) },
  },
});

const sealer: NoteSealer = {
  seal: ({ endpoint }, payload) => {
    if (!isSealing) throw new Error('no key of that kind');
    sealed.push(pushPayloadSchema.parse(payload));
    return {
      url: endpoint,
      headers: { Authorization: 'vapid t=a.b.c, k=d' },
      body: Buffer.from('sealed'),
    };
  },
  topicOf: (text) => `topic-of-${text}`,
};

beforeEach(() => {
  timers = new FakeTimers();
  link = new FakeLink(RELAY);
  links = new Map([[RELAY, link]]);
  devices = [device()];
  working = 0;
  minutes = 5;
  sealed = [];
  isSealing = true;
  const ways: NoteWays = {
    links: () => links,
    changed: new Emitter<void>(),
    noteWords: new Emitter(),
  };
  writer = new NoteWriter({
    ...{ ways, timers, logger: silentLogger },
    devices: () => devices,
    keys: async () => await Promise.resolve({ sealer, hostId: 'host-id' }),
    working: () => working,
    silenceMinutes: () => minutes,
    badge: () => 3,
    hostName: () => 'desk',
    rounds: new Rounds({ read: () => null, write: () => {}, nowMs: () => timers.nowMs() }),
  });
});

/** Something happened, and what follows from it. */
async function passed(ms = SECOND): Promise<void> {
  writer.look();
  timers.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
}
const said = () => link.said.splice(0).map((control) => summary(control));
function summary(control: NoteControl): unknown {
  return control.type === 'notes'
    ? control.notes.map((note) => devices.findIndex(({ id }) => id === note.device))
    : control.type === 'dropNotes' && control.devices === undefined
      ? 'drop all'
      : control;
}

test('while a session works each device has a note, sealed, with all that a relay needs and no more', async () => {
  link.up();
  working = 2;
  await passed();
  expect(link.said).toEqual([
    { type: 'dropNotes' },
    {
      type: 'notes',
      notes: [
        {
          device: devices[0]?.id,
          endpoint: 'https://push.example.org/a',
          body: Buffer.from('sealed').toString('base64url'),
          authorization: 'vapid t=a.b.c, k=d',
          topic: 'topic-of-silence',
          ttlSec: 43_200,
          afterSec: 300,
          goodForSec: 42_600,
        },
      ],
    },
  ]);
  expect(sealed).toEqual([
    {
      ...{ v: 1, type: 'silence', host: 'host-id', badge: 3, tag: 'silence' },
      ...{ round: 1_001, hostName: 'desk', working: 2, writtenAt: '1970-01-01T00:16:41.000Z' },
    },
  ]);
  expect(writer.state()).toEqual({
    ...{ state: 'left', why: null, devices: 1 },
    renewedAt: '1970-01-01T00:16:41.000Z',
  });
});

test('it is renewed every minute, each later than the last, and taken back when nothing works', async () => {
  link.up();
  working = 1;
  await passed();
  said();
  await passed(5 * 60 * SECOND);
  expect(said()).toEqual([[0], [0], [0], [0], [0]]);
  const rounds = sealed.map((payload) => ('round' in payload ? payload.round : 0));
  expect(rounds).toEqual([...new Set(rounds)].toSorted((a, b) => a - b));
  working = 0;
  await passed();
  expect(said()).toEqual(['drop all']);
  await passed(10 * 60 * SECOND);
  expect([said(), writer.state().state]).toEqual([[], 'idle']);
});

test('what changes at once is written once, and what says the same is not written', async () => {
  link.up();
  working = 1;
  await passed();
  said();
  for (let n = 0; n < 100; n += 1) {
    working = 1 + (n % 7);
    writer.look();
  }
  await passed();
  expect(said()).toEqual([[0]]);
  for (let n = 0; n < 100; n += 1) writer.look();
  await passed();
  expect(said()).toEqual([]);
});

test('a device that went is taken back, one that came gets its own', async () => {
  devices = [device(), device()];
  link.up();
  working = 1;
  await passed();
  said();
  const [gone, stays] = devices;
  if (gone === undefined || stays === undefined) throw new Error('two');
  devices = [stays, device()];
  await passed();
  expect(said()).toEqual([{ type: 'dropNotes', devices: [gone.id] }, [0, 1]]);
});

test('a new connection is told at once what holds, also that nothing does', async () => {
  link.up();
  await passed(0);
  expect(said()).toEqual(['drop all']);
  link.down();
  await passed();
  working = 1;
  await passed();
  link.up();
  await passed(0);
  expect(said()).toEqual(['drop all', [0]]);
});

test('each note goes to the relay that its device is paired over, and one without a relay nowhere', async () => {
  const other = new FakeLink('https://other.example.org');
  links.set(other.relay, other);
  devices = [device(), device(other.relay), device('own'), device('https://gone.example.org')];
  link.up();
  other.up();
  working = 1;
  await passed();
  expect([said(), other.said.map(summary)]).toEqual([
    ['drop all', [0]],
    ['drop all', [1]],
  ]);
  expect(writer.state()).toMatchObject({ state: 'left', devices: 2 });
  links.delete(other.relay);
  await passed();
  expect(writer.state()).toMatchObject({ state: 'left', devices: 1 });
});

test('so many and so large notes go in messages that a relay reads', async () => {
  devices = Array.from({ length: 60 }, (_, n) => device(RELAY, `${n}${'x'.repeat(1_900)}`));
  link.up();
  working = 1;
  await passed();
  const lengths = link.said.map((control) => JSON.stringify(control).length);
  expect([Math.max(...lengths) < 65_000, lengths.length > 2]).toEqual([true, true]);
  const notes = link.said.flatMap((control) => (control.type === 'notes' ? control.notes : []));
  expect(notes.map(({ device: id }) => id)).toEqual(devices.slice(0, 50).map(({ id }) => id));
});

test('a silence is within what the relay and the token allow', async () => {
  working = 1;
  const afterSec = async (wanted: number, silences?: Silences): Promise<unknown> => {
    minutes = wanted;
    link.down();
    await passed();
    link.up(silences);
    link.said = [];
    await passed();
    return link.said.flatMap((each) => (each.type === 'notes' ? each.notes : []))[0]?.afterSec;
  };
  expect([
    await afterSec(1, { minSec: 120, maxSec: 600 }),
    await afterSec(60, { minSec: 120, maxSec: 600 }),
    await afterSec(1_440),
    await afterSec(7),
  ]).toEqual([120, 600, 39_600, 420]);
});

test('stopped on purpose, all is taken back and nothing is left any more', async () => {
  link.up();
  working = 1;
  await passed();
  said();
  await writer.stop();
  expect(said()).toEqual(['drop all']);
  await passed(10 * 60 * SECOND);
  expect(said()).toEqual([]);
});

test('what cannot be sealed is tried again with the next renewal', async () => {
  isSealing = false;
  link.up();
  working = 1;
  await passed();
  expect(writer.state()).toMatchObject({ state: 'unavailable', devices: 0 });
  isSealing = true;
  await passed(60 * SECOND);
  expect(writer.state()).toMatchObject({ state: 'left', devices: 1 });
});

describe('how it stands, in words', () => {
  const why = () => {
    const { state, why: words } = writer.state();
    return [state, words];
  };

  test('each reason why nobody would be told', async () => {
    working = 1;
    devices = [];
    await passed();
    expect(why()).toEqual(['unavailable', 'No paired device has notifications on.']);
    devices = [device('own')];
    await passed();
    expect(why()[1]).toContain('The relay runs on this machine');
    devices = [device()];
    await passed();
    expect(why()[1]).toBe('There is no connection to the relay at https://relay.example.org now.');
    link.up(null);
    await passed();
    expect(why()[1]).toContain('keeps no notes: it is older, or runs without --notes.');
    expect(said()).toEqual([]);
    link.down();
    link.up();
    await passed();
    expect(why()).toEqual(['left', null]);
    writer.refused(RELAY, [devices[0]?.id ?? deviceId()], 'No room.');
    expect(why()).toEqual([
      'unavailable',
      'The relay at https://relay.example.org did not take the note: No room.',
    ]);
    minutes = 0;
    await passed();
    expect(why()).toEqual(['off', null]);
    expect(said()).toEqual(['drop all', [0]]);
  });

  test('one device at a relay that keeps a note is enough', async () => {
    devices = [device('own'), device()];
    link.up();
    expect(why()).toEqual(['idle', null]);
    working = 1;
    await passed();
    expect(writer.state()).toMatchObject({ state: 'left', devices: 1 });
  });
});
