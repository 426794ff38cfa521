import { describe, expect, it } from 'vitest';
import { FRAME } from '../../../../src/connection/sealed/frame-kind.ts';
import { packTexts } from '../../../../src/connection/sealed/early-texts.ts';
import { uint64 } from '../../../../src/crypto/bytes.ts';
import type { CipherState } from '../../../../src/crypto/noise/cipher-state.ts';
import { Handshake } from '../../../../src/crypto/noise/handshake.ts';
import { prologueOf } from '../../../../src/crypto/prologue.ts';
import {
  bytesOf,
  deviceKeys,
  hostKeys,
  pair,
  primitives,
  settled,
  type Pair,
  type PairChanges,
} from './ends.ts';

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const u32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};
const frame = (kind: number, body: Uint8Array = new Uint8Array(0)): Uint8Array =>
  new Uint8Array([kind, ...body]);

/** A device with the right keys and its own ideas of what to say under them. */
class Rogue {
  readonly ends: Pair;
  #handshake = new Handshake({
    pattern: 'KKpsk0',
    initiator: true,
    primitives,
    psk: bytesOf('psk'),
    prologue: prologueOf('session', 'channel', 'device'),
    own: deviceKeys,
    remote: hostKeys.publicKey,
  });
  #send: CipherState | null = null;

  constructor(changes: PairChanges = {}) {
    this.ends = pair(changes);
  }

  async open(payload: Uint8Array): Promise<void> {
    this.ends.host.start();
    this.ends.pipes.host.deliver(await this.#handshake.writeMessage(payload));
    await settled();
    const [answer] = this.ends.pipes.host.sent;
    if (answer === undefined) return;
    await this.#handshake.readMessage(answer);
    this.#send = this.#handshake.finish().send;
  }

  say(...frames: readonly Uint8Array[]): void {
    for (const plain of frames) this.ends.pipes.host.deliver(this.#send!.seal(plain));
  }

  rekey(): void {
    this.#send!.rekey();
  }
}

const hello = uint64(1);

describe('a device with the right keys that says something else', () => {
  it.each<[string, Uint8Array[], string]>([
    ['an unknown kind', [frame(7)], 'a frame is of an unknown kind'],
    ['nothing at all', [new Uint8Array(0)], 'a frame is of an unknown kind'],
    ['a part of a few bytes', [frame(FRAME.more, utf8('abc'))], 'a part of a message is too small'],
    [
      'an empty last part',
      [frame(FRAME.more, new Uint8Array(2_000)), frame(FRAME.last)],
      'the last part of a message is empty',
    ],
    ['no UTF-8', [frame(FRAME.last, new Uint8Array([0xc3, 0x28]))], 'a message is not UTF-8'],
    [
      'half a character',
      [frame(FRAME.last, new Uint8Array([0xf0, 0x9f, 0x99]))],
      'a message is not UTF-8',
    ],
    ['a rekey with a body', [frame(FRAME.rekey, u32(0))], 'a frame is malformed'],
    ['half a credit', [frame(FRAME.credit, utf8('abc'))], 'a frame is malformed'],
    [
      'a credit for what was never sent',
      [frame(FRAME.credit, u32(1))],
      'more was acknowledged than was sent',
    ],
    ['a short ping', [frame(FRAME.ping, utf8('abc'))], 'a frame is malformed'],
    [
      'a rekey that it does not do',
      [frame(FRAME.rekey), frame(FRAME.last, utf8('x'))],
      'a frame did not open: it was changed, lost or moved on the way',
    ],
    [
      'more than a message may be long',
      [
        ...Array.from({ length: 193 }, () => frame(FRAME.more, new Uint8Array(65_518).fill(97))),
        frame(FRAME.last, utf8('x')),
      ],
      'a message is over the limit of 12582912 bytes',
    ],
  ])('is cut off for %s', async (_, frames, reason) => {
    const rogue = new Rogue();
    await rogue.open(hello);
    rogue.say(frame(FRAME.last, utf8('before')), ...frames, frame(FRAME.last, utf8('after')));
    await settled();
    expect({
      texts: rogue.ends.host.texts,
      closes: rogue.ends.host.closes,
      pipe: rogue.ends.pipes.host.closedBecause,
    }).toEqual({ texts: ['before'], closes: [reason], pipe: reason });
  });

  it.each<[string, Uint8Array]>([
    ['no counter', new Uint8Array(7)],
    ['a counter beyond 2^53', new Uint8Array(8).fill(0xff)],
    ['a text that is cut off', new Uint8Array([...hello, ...u32(10), ...utf8('short')])],
    ['half a length', new Uint8Array([...hello, 0, 0, 0])],
    [
      'a text that is no UTF-8',
      new Uint8Array([...hello, ...packTexts([utf8('ok'), new Uint8Array([0xff])])]),
    ],
  ])('is not let in with %s', async (_, payload) => {
    const rogue = new Rogue();
    await rogue.open(payload);
    expect({
      texts: rogue.ends.host.texts,
      closes: rogue.ends.host.closes,
      sent: rogue.ends.pipes.host.sent,
    }).toEqual({ texts: [], closes: ['the first message is malformed'], sent: [] });
  });

  it('may put pings and rekeys between the parts of a text', async () => {
    const rogue = new Rogue();
    await rogue.open(hello);
    const half = new Uint8Array(2_000).fill(97);
    rogue.say(frame(FRAME.more, half), frame(FRAME.ping, uint64(5)), frame(FRAME.rekey));
    rogue.rekey();
    rogue.say(frame(FRAME.last, half), frame(FRAME.pong, uint64(77)));
    expect([rogue.ends.host.texts, rogue.ends.host.closes]).toEqual([['a'.repeat(4_000)], []]);
  });

  it('is told of at the confirmation, and before what comes with it', async () => {
    const order: string[] = [];
    const rogue = new Rogue();
    rogue.ends.host.answer = (text) => order.push(`${text} ${rogue.ends.confirmed.length}`);
    await rogue.open(new Uint8Array([...hello, ...packTexts([utf8('early')])]));
    rogue.say(frame(FRAME.last, utf8('late')));
    expect(order).toEqual(['early 0', 'late 1']);
  });

  it('is cut off when the host cannot note the connection', async () => {
    const rogue = new Rogue({
      host: {
        confirmed: () => {
          throw new Error('the disk is full');
        },
      },
    });
    await rogue.open(hello);
    rogue.say(frame(FRAME.last, utf8('do it')));
    expect([rogue.ends.host.closes, rogue.ends.host.texts]).toEqual([['the disk is full'], []]);
  });
});
