import { createHash } from 'node:crypto';
import { sealedLimits, type SealedLimits } from '../../src/connection/sealed/limits.ts';
import {
  initiate,
  initiatePairing,
  respond,
  respondPairing,
} from '../../src/connection/sealed/open.ts';
import type { Opened } from '../../src/connection/sealed/opening.ts';
import type { SealedTransport } from '../../src/connection/sealed/sealed-transport.ts';
import { noblePrimitives } from '../../src/crypto/noble-primitives.ts';
import type { Primitives } from '../../src/crypto/primitives.ts';
import { prologueOf } from '../../src/crypto/prologue.ts';
import { rootPsk } from '../../src/crypto/root-psk.ts';
import { shortCode } from '../../src/crypto/sas.ts';
import { FakeTimers } from '../fakes/fake-timers.ts';
import { PipeEnd } from '../fakes/pipe-pair.ts';

export const bytesOf = (name: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(`porchlight wire ${name}`).digest());
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const own = (name: string) => noblePrimitives.keyPairOf(bytesOf(name));

/** The handshake's own keys are given, so that what was recorded once opens again. */
const withEphemeral = (name: string): Primitives => ({
  ...noblePrimitives,
  generateKeyPair: () => own(`${name} ephemeral`),
});

/** One end with fixed keys, and all that it says and hears. */
export interface WireEnd {
  readonly transport: SealedTransport;
  readonly pipe: PipeEnd;
  readonly texts: string[];
  readonly closes: string[];
}

type Role = 'device' | 'host';

const started = (transport: SealedTransport, pipe: PipeEnd): WireEnd => {
  const end: WireEnd = { transport, pipe, texts: [], closes: [] };
  transport.start({
    message: (text) => void end.texts.push(text),
    close: (reason) => void end.closes.push(reason),
  });
  return end;
};

export function sessionEnd(
  role: Role,
  limits: SealedLimits = sealedLimits,
  pipe = new PipeEnd(),
): WireEnd {
  const options = {
    pipe,
    psk: bytesOf('root psk'),
    prologue: prologueOf('session', 'channel', 'device'),
    primitives: withEphemeral(role),
    own: own(role),
    remote: own(role === 'device' ? 'host' : 'device').publicKey,
    ports: { timers: new FakeTimers(), limits },
  };
  return started(
    role === 'device'
      ? initiate({ ...options, counter: 7 })
      : respond({ ...options, accept: (counter) => counter === 7, confirmed: () => {} }),
    pipe,
  );
}

export function pairingEnd(role: Role, pipe = new PipeEnd()): WireEnd {
  const options = {
    pipe,
    psk: bytesOf('code'),
    prologue: prologueOf('pairing', 'rendezvous'),
    primitives: withEphemeral(role),
    own: own(role),
    ports: { timers: new FakeTimers() },
  };
  const { publicKey } = own('host');
  return started(
    role === 'device'
      ? initiatePairing({ ...options, remote: publicKey, payload: utf8('{"name":"Pixel"}') })
      : respondPairing({ ...options, answer: () => utf8('{"hostName":"desk"}') }),
    pipe,
  );
}

/** What both sides of a pairing know in the end. */
export const outcome = (opened: Opened) => ({
  digits: shortCode(opened.secret),
  rootPsk: hex(rootPsk(noblePrimitives, bytesOf('code'), opened.hash)),
  remoteStatic: hex(opened.remoteStatic),
  payload: Buffer.from(opened.payload).toString(),
});

export async function turns(): Promise<void> {
  for (let i = 0; i < 12; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
