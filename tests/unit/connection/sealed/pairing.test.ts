import { describe, expect, it } from 'vitest';
import {
  initiatePairing,
  respondPairing,
  type InitiatePairingOptions,
  type RespondPairingOptions,
} from '../../../../src/connection/sealed/open.ts';
import { OpeningRefused } from '../../../../src/connection/sealed/opening.ts';
import { HandshakeFailed } from '../../../../src/crypto/noise/handshake-state.ts';
import { prologueOf } from '../../../../src/crypto/prologue.ts';
import { rootPsk } from '../../../../src/crypto/root-psk.ts';
import { shortCode } from '../../../../src/crypto/sas.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { pipePair } from '../../../fakes/pipe-pair.ts';
import { bytesOf, deviceKeys, End, hostKeys, primitives, settled } from './ends.ts';

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

function pairing(
  guest: Partial<InitiatePairingOptions> = {},
  host: Partial<RespondPairingOptions> = {},
) {
  const pipes = pipePair();
  const timers = new FakeTimers();
  const confirmed: string[] = [];
  const shared = {
    primitives,
    psk: bytesOf('code'),
    prologue: prologueOf('pairing', 'rendezvous'),
    ports: { timers },
  };
  const ends = {
    guest: new End(
      initiatePairing({
        ...shared,
        pipe: pipes.device,
        own: deviceKeys,
        remote: hostKeys.publicKey,
        payload: utf8('{"name":"Pixel"}'),
        ...guest,
      }),
    ),
    host: new End(
      respondPairing({
        ...shared,
        pipe: pipes.host,
        own: hostKeys,
        answer: ({ payload }) => utf8(`welcome ${text(payload)}`),
        confirmed: () => confirmed.push('confirmed'),
        ...host,
      }),
    ),
  };
  ends.host.start();
  ends.guest.start();
  return { ...ends, pipes, timers, confirmed };
}

describe('a pairing', () => {
  it('gives both sides what the other sent, the same digits and the same lasting key', async () => {
    const { guest, host, confirmed } = pairing();
    const [mine, theirs] = await Promise.all([guest.transport.opened, host.transport.opened]);
    await settled();
    const psks = [mine, theirs].map(({ hash }) => rootPsk(primitives, bytesOf('code'), hash));
    expect({
      payloads: [text(mine.payload), text(theirs.payload)],
      keys: [mine.remoteStatic, theirs.remoteStatic],
      digits: shortCode(mine.secret),
      psk: psks[0],
      confirmed,
    }).toEqual({
      payloads: ['welcome {"name":"Pixel"}', '{"name":"Pixel"}'],
      keys: [hostKeys.publicKey, deviceKeys.publicKey],
      digits: shortCode(theirs.secret),
      psk: psks[1],
      confirmed: ['confirmed'],
    });
    guest.transport.send('here');
    host.transport.send('paired');
    await settled();
    expect([guest.texts, host.texts]).toEqual([['paired'], ['here']]);
    host.transport.close('done');
    expect(() => theirs.secret('sas', 4)).toThrow('forgotten');
  });

  it('shows other digits at each attempt, with the same code and keys', async () => {
    const digits = new Set<string>();
    for (let i = 0; i < 6; i += 1)
      digits.add(shortCode((await pairing().guest.transport.opened).secret));
    expect(digits.size).toBeGreaterThan(4);
  });

  it('fails for a guest that does not know the code, before the host says anything', async () => {
    const { guest, host, pipes } = pairing({ psk: bytesOf('guessed') });
    await expect(host.transport.opened).rejects.toThrow(HandshakeFailed);
    await expect(guest.transport.opened).rejects.toThrow('the pipe closed');
    expect(pipes.host.sent).toEqual([]);
  });

  it('fails for a host that is not the one of the code', async () => {
    const { host } = pairing({}, { own: primitives.generateKeyPair() });
    await expect(host.transport.opened).rejects.toThrow(HandshakeFailed);
  });

  it('fails when the two mean another rendezvous', async () => {
    const { host } = pairing({ prologue: prologueOf('pairing', 'another') });
    await expect(host.transport.opened).rejects.toThrow(HandshakeFailed);
  });

  it('is refused in words, by throwing', async () => {
    const { guest, host, pipes } = pairing(
      {},
      {
        answer: () => {
          throw new OpeningRefused('as many devices are paired as there may be');
        },
      },
    );
    await expect(host.transport.opened).rejects.toThrow(OpeningRefused);
    await expect(guest.transport.opened).rejects.toThrow();
    expect(pipes.host.closedBecause).toBe('as many devices are paired as there may be');
  });

  it('waits for an answer that takes its time, but not for ever', async () => {
    const { guest, host, timers } = pairing(
      {},
      { answer: async () => await new Promise(() => {}) },
    );
    await settled();
    timers.advance(10_000);
    await expect(host.transport.opened).rejects.toThrow('in time');
    await expect(guest.transport.opened).rejects.toThrow();
  });

  it('carries at most 4 KiB either way', async () => {
    expect(() => pairing({ payload: new Uint8Array(4_097) })).toThrow('4096');
    const { host } = pairing({}, { answer: () => new Uint8Array(4_097) });
    await expect(host.transport.opened).rejects.toThrow('4096');
    const { guest } = pairing(
      { payload: new Uint8Array(4_096) },
      { answer: () => new Uint8Array(4_096) },
    );
    expect((await guest.transport.opened).payload).toHaveLength(4_096);
  });
});
