import { describe, expect, it } from 'vitest';
import { Handshake } from '../../../../src/crypto/noise/handshake.ts';
import { openOneWay, sealOneWay } from '../../../../src/crypto/noise/one-way.ts';
import { noblePrimitives } from '../../../../src/crypto/noble-primitives.ts';
import type { DhKeyPair, Primitives } from '../../../../src/crypto/primitives.ts';

/** Keeps every secret that comes out of the primitives or goes into a cipher. */
class Recorder {
  readonly seen: { readonly what: string; readonly bytes: Uint8Array }[] = [];
  readonly ephemerals = { made: 0, wiped: 0 };
  readonly aeads = { made: 0, wiped: 0 };

  readonly primitives: Primitives = {
    ...noblePrimitives,
    generateKeyPair: () => {
      const pair = this.pair(noblePrimitives.generateKeyPair());
      this.ephemerals.made += 1;
      let isWiped = false;
      return {
        ...pair,
        wipe: () => {
          if (!isWiped) this.ephemerals.wiped += 1;
          isWiped = true;
          pair.wipe?.();
        },
      };
    },
    hmac: (key, data) => this.#keep('hmac', noblePrimitives.hmac(key, data)),
    aead: (key) => {
      this.#keep('key', key);
      this.aeads.made += 1;
      const aead = noblePrimitives.aead(key);
      return {
        ...aead,
        wipe: () => {
          this.aeads.wiped += 1;
          aead.wipe();
        },
      };
    },
  };

  pair(pair: DhKeyPair): DhKeyPair {
    return { ...pair, dh: async (remote) => this.#keep('dh', await pair.dh(remote)) };
  }

  get left(): string[] {
    return this.seen
      .filter(({ bytes }) => bytes.some((byte) => byte !== 0))
      .map(({ what }) => what);
  }

  #keep(what: string, bytes: Uint8Array): Uint8Array {
    this.seen.push({ what, bytes });
    return bytes;
  }
}

const [host, device] = [noblePrimitives.generateKeyPair(), noblePrimitives.generateKeyPair()];

const ends = (recorder: Recorder) => {
  const shared = {
    pattern: 'KKpsk0' as const,
    prologue: new Uint8Array(3),
    psk: new Uint8Array(32).fill(3),
    primitives: recorder.primitives,
  };
  return [
    new Handshake({
      ...shared,
      initiator: true,
      own: recorder.pair(device),
      remote: host.publicKey,
    }),
    new Handshake({
      ...shared,
      initiator: false,
      own: recorder.pair(host),
      remote: device.publicKey,
    }),
  ] as const;
};

describe('a handshake', () => {
  it('leaves no secret behind in memory that is ours, once the channel is closed', async () => {
    const recorder = new Recorder();
    const [initiator, responder] = ends(recorder);
    await responder.readMessage(await initiator.writeMessage(new Uint8Array(8)));
    await initiator.readMessage(await responder.writeMessage(new Uint8Array(8)));
    const finished = [initiator.finish(), responder.finish()];
    expect(recorder.left).toEqual(['hmac', 'hmac']);
    for (const { send, receive, secret, forget } of finished) {
      secret('sas', 40).fill(0);
      send.rekey();
      forget();
      send.wipe();
      receive.wipe();
    }
    expect({
      seen: recorder.seen.length > 60,
      left: recorder.left,
      ephemerals: recorder.ephemerals,
      open: recorder.aeads.made - recorder.aeads.wiped,
    }).toEqual({ seen: true, left: [], ephemerals: { made: 2, wiped: 2 }, open: 0 });
  });

  it('leaves none behind when it fails, or is given up half-way', async () => {
    const recorder = new Recorder();
    const [initiator, responder] = ends(recorder);
    const message = await initiator.writeMessage(new Uint8Array(8));
    message[40]! ^= 1;
    await expect(responder.readMessage(message)).rejects.toThrow();
    initiator.wipe();
    expect({
      left: recorder.left,
      ephemerals: recorder.ephemerals,
      open: recorder.aeads.made - recorder.aeads.wiped,
    }).toEqual({ left: [], ephemerals: { made: 1, wiped: 1 }, open: 0 });
  });

  it('leaves none behind after a message that needs no answer', async () => {
    const recorder = new Recorder();
    const shared = {
      prologue: new Uint8Array(3),
      psk: new Uint8Array(32).fill(3),
      primitives: recorder.primitives,
    };
    const sealing = { ...shared, own: recorder.pair(device), remote: host.publicKey };
    const opening = { ...shared, own: recorder.pair(host), remote: device.publicKey };
    const message = await sealOneWay(new Uint8Array(8), sealing);
    await openOneWay(message, opening);
    await expect(openOneWay(message.subarray(1), opening)).rejects.toThrow();
    expect({
      seen: recorder.seen.length > 20,
      left: recorder.left,
      ephemerals: recorder.ephemerals,
      open: recorder.aeads.made - recorder.aeads.wiped,
    }).toEqual({ seen: true, left: [], ephemerals: { made: 1, wiped: 1 }, open: 0 });
  });
});
