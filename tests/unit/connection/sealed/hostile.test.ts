import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Meddler } from '../../../fakes/pipe-pair.ts';
import {
  bytesOf,
  deviceKeys,
  pair,
  primitives,
  settled,
  until,
  type Pair,
  type PairChanges,
} from './ends.ts';

const SENT = ['one', 'two', 'x'.repeat(70_000), 'three'];
const ANSWERS = ['uno', 'dos', 'y'.repeat(70_000), 'tres'];

const isOver = ({ device, host }: Pair): boolean =>
  device.closes.length > 0 && host.closes.length > 0;

/** Plays a conversation in which somebody between the two does something, until both are at rest. */
async function converse(ends: Pair): Promise<void> {
  const { device, host, timers } = ends;
  host.answer = (text) => host.transport.send(ANSWERS[SENT.indexOf(text)] ?? 'what?');
  host.start();
  device.start();
  for (const text of SENT.slice(0, 2)) device.transport.send(text);
  await settled();
  for (const text of SENT.slice(2)) device.transport.send(text);
  await settled();
  // A frame that is lost at the very end is noticed with the next one.
  for (let i = 0; i < 2; i += 1) {
    for (const end of [device, host]) end.transport.ping().catch(() => {});
    await settled();
  }
  if (!isOver(ends)) timers.advance(10_000);
  await settled();
}

const isStartOf = (part: readonly string[], whole: readonly string[]): boolean =>
  part.every((text, i) => text === whole[i]);

/** What did arrive is what was sent, in order, from the beginning. */
function expectOnlyTheTruth({ device, host }: Pair): void {
  expect([isStartOf(host.texts, SENT), isStartOf(device.texts, ANSWERS)]).toEqual([true, true]);
}

const deeds = ['flip', 'cut', 'drop', 'double', 'swap', 'insert', 'empty', 'reflect'] as const;

/** Does it to the `nth` frame of one direction. */
function meddler(deed: (typeof deeds)[number], nth: number, place: number) {
  let held: Uint8Array | null = null;
  let happened = false;
  const meddle: Meddler = (frame, index, reflect) => {
    if (held !== null) {
      const late = held;
      held = null;
      return [frame, late];
    }
    if (index !== nth) return [frame];
    happened = true;
    switch (deed) {
      case 'flip': {
        const changed = frame.slice();
        changed[(place >> 3) % frame.length]! ^= 1 << (place & 7);
        return [changed];
      }
      case 'cut':
        return [frame.slice(0, place % frame.length)];
      case 'drop':
        return [];
      case 'double':
        return [frame, frame];
      case 'insert':
        return [primitives.randomBytes(1 + (place % 200)), frame];
      case 'empty':
        return [new Uint8Array(0), frame];
      case 'reflect':
        reflect(frame);
        return [];
      case 'swap':
        held = frame;
        return [];
    }
  };
  return { meddle, happened: () => happened };
}

describe('whoever is between a device and its host', () => {
  it('can end the connection and nothing else, whatever is done to whichever frame', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...deeds),
        fc.constantFrom<'device' | 'host'>('device', 'host'),
        fc.nat(5),
        fc.nat(),
        async (deed, from, nth, place) => {
          const ends = pair();
          const { meddle, happened } = meddler(deed, nth, place);
          ends.pipes[from].meddle = meddle;
          await converse(ends);
          expectOnlyTheTruth(ends);
          expect({ deed, isOver: isOver(ends) }).toEqual({ deed, isOver: happened() });
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it.each([
    ['a wrong psk', { device: { psk: bytesOf('another') } }],
    ['a wrong prologue', { host: { prologue: new Uint8Array(1) } }],
    ['the keys of another device', { device: { own: primitives.keyPairOf(bytesOf('mallory')) } }],
    ['the keys of another host', { host: { own: primitives.keyPairOf(bytesOf('mallory')) } }],
  ] as [string, PairChanges][])('gets nothing from a host with %s', async (_, changes) => {
    const ends = pair(changes);
    await converse(ends);
    expect({
      texts: [ends.host.texts, ends.device.texts],
      fromHost: ends.pipes.host.sent.length,
      confirmed: ends.confirmed,
      reason: ends.host.closes,
    }).toEqual({
      texts: [[], []],
      fromHost: 0,
      confirmed: [],
      reason: [
        'the other side is not the one that was paired, or someone between changed a message',
      ],
    });
  });

  it('plays a whole connection again, and gets nothing', async () => {
    const kept = { counter: 0 };
    const first = pair({ kept });
    await converse(first);
    expect(kept).toEqual({ counter: 1 });

    const again = pair({ kept });
    again.host.start();
    for (const frame of first.pipes.device.sent) {
      again.pipes.host.deliver(frame);
      await settled();
    }
    expect({
      texts: again.host.texts,
      sent: again.pipes.host.sent,
      confirmed: again.confirmed,
      closes: again.host.closes,
    }).toEqual({
      texts: [],
      sent: [],
      confirmed: [],
      closes: ['this connection was opened before: its first message is a repeat'],
    });
  });

  it('plays a first message that never got its answer, and has only reads answered, to nobody', async () => {
    const kept = { counter: 0 };
    const first = pair({ kept });
    first.pipes.host.meddle = () => [];
    first.device.transport.send('read');
    first.host.start();
    first.device.start();
    await settled();

    const again = pair({ kept });
    again.host.start();
    for (const frame of first.pipes.device.sent) again.pipes.host.deliver(frame);
    await settled();
    expect([again.host.texts, again.host.transport.isConfirmed, again.confirmed]).toEqual([
      ['read'],
      false,
      [],
    ]);
    again.pipes.host.deliver(primitives.randomBytes(21));
    expect(again.host.closes).toHaveLength(1);
    expect(kept).toEqual({ counter: 0 });

    const third = pair({ kept });
    third.host.start();
    for (const frame of first.pipes.device.sent) third.pipes.host.deliver(frame);
    await settled();
    third.timers.advance(10_000);
    expect(third.host.closes).toEqual(['the other side did not answer in time']);
  });

  it('brings an old connection to its confirmation after a newer one: the newer stays', async () => {
    const kept = { counter: 0 };
    const old = pair({ kept, device: { counter: 1 } });
    old.pipes.device.meddle = (frame, index) => {
      if (index === 1) old.pipes.device.isHeld = true;
      return [frame];
    };
    old.host.start();
    old.device.start();
    await settled();
    const fresh = pair({ kept, device: { counter: 2 } });
    fresh.host.start();
    fresh.device.start();
    await settled();
    old.pipes.device.release();
    await settled();
    expect([kept, old.confirmed, old.host.closes, fresh.host.closes]).toEqual([
      { counter: 2 },
      [],
      ['the device has connected anew'],
      [],
    ]);
  });

  it('gives a device the answer that was meant for another of its connections', async () => {
    const one = pair({ device: { counter: 1 } });
    const two = pair({ device: { counter: 2 } });
    one.pipes.host.meddle = (frame) => {
      one.pipes.device.deliver(frame);
      two.pipes.device.deliver(frame);
      return [];
    };
    for (const ends of [one, two]) {
      ends.host.start();
      ends.device.start();
    }
    await until('the wrong one to end', () => two.device.closes.length > 0);
    expect(two.device.texts).toEqual([]);
  });

  it('sends more than a frame can hold', async () => {
    const { pipes, device, host } = pair();
    host.start();
    device.start();
    await settled();
    pipes.host.deliver(new Uint8Array(65_536));
    pipes.device.deliver(new Uint8Array(2_000_000));
    expect([host.closes.length, device.closes.length]).toEqual([1, 1]);
  });

  it('floods a device that still reads the answer', async () => {
    let calls = 0;
    const own = {
      publicKey: deviceKeys.publicKey,
      // The second is for the answer, and is never done with.
      dh: async (remote: Uint8Array) =>
        ++calls === 1 ? await deviceKeys.dh(remote) : await new Promise<Uint8Array>(() => {}),
    };
    const { pipes, device, host } = pair({ device: { own } });
    host.start();
    device.start();
    await settled();
    for (let i = 0; i < 16; i += 1) pipes.device.deliver(new Uint8Array(65_535));
    expect([calls, device.closes]).toEqual([2, []]);
    pipes.device.deliver(new Uint8Array(65_535));
    expect(device.closes).toEqual(['a message came before the handshake was done']);
  });

  it('floods a host that still makes its answer', async () => {
    const { pipes, device, host } = pair();
    host.start();
    device.start();
    pipes.device.meddle = (frame) => [frame, frame];
    await settled();
    expect([host.texts, host.closes]).toEqual([
      [],
      ['a message came before the handshake was done'],
    ]);
  });
});
