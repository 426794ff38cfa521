import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from '../../../../build/programs.mjs';
import { HandshakeState } from '../../../../src/crypto/noise/handshake-state.ts';
import type { CipherState } from '../../../../src/crypto/noise/cipher-state.ts';
import type { Pattern, Token } from '../../../../src/crypto/noise/patterns.ts';
import type { Primitives } from '../../../../src/crypto/primitives.ts';

const hex = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .transform((text) => new Uint8Array(Buffer.from(text, 'hex')));

const vectorSchema = z.object({
  protocol_name: z.string(),
  init_prologue: hex,
  init_psks: z.array(hex).default([]),
  init_static: hex.optional(),
  init_ephemeral: hex.optional(),
  init_remote_static: hex.optional(),
  resp_prologue: hex,
  resp_psks: z.array(hex).default([]),
  resp_static: hex.optional(),
  resp_ephemeral: hex.optional(),
  resp_remote_static: hex.optional(),
  handshake_hash: hex.optional(),
  messages: z.array(z.object({ payload: hex, ciphertext: hex })),
});
export type Vector = z.infer<typeof vectorSchema>;

const fileSchema = z.object({ vectors: z.array(vectorSchema) });

/** Beside the checkout, or beside the folder of a work tree; a plain clone has none. */
const publishedIn = (checkout: string): string =>
  ['..', '../..'].map((up) => join(checkout, up, 'shared', 'vectors')).find(existsSync) ?? '';
const published = [
  'noise-cacophony-25519-chachapoly-sha256.json',
  'noise-snow-25519-chachapoly-sha256.json',
];
/** Derived with the code that passes the published ones. */
export function ownVectors(checkout = root): Vector[] {
  return readVectors(join(checkout, 'tests', 'unit', 'crypto', 'noise', 'own-vectors.json'));
}

export function publishedVectors(checkout = root): Vector[] | null {
  const folder = publishedIn(checkout);
  if (!published.every((name) => existsSync(join(folder, name)))) return null;
  return published.flatMap((name) => readVectors(join(folder, name)));
}

function readVectors(file: string): Vector[] {
  return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).vectors;
}

/** Noise revision 34 §7.4 and §7.5 and the deferred ones of §18.1: pre-messages, then a line a message. */
const base: Record<string, readonly [before: string, ...messages: string[]]> = {
  N: ['<s', 'e es'],
  K: ['>s <s', 'e es ss'],
  X: ['<s', 'e es s ss'],
  NN: ['', 'e', 'e ee'],
  NK: ['<s', 'e es', 'e ee'],
  NX: ['', 'e', 'e ee s es'],
  XN: ['', 'e', 'e ee', 's se'],
  XK: ['<s', 'e es', 'e ee', 's se'],
  XX: ['', 'e', 'e ee s es', 's se'],
  KN: ['>s', 'e', 'e ee se'],
  KK: ['>s <s', 'e es ss', 'e ee se'],
  KX: ['>s', 'e', 'e ee se s es'],
  IN: ['', 'e s', 'e ee se'],
  IK: ['<s', 'e es s ss', 'e ee se'],
  IX: ['', 'e s', 'e ee se s es'],
  NK1: ['<s', 'e', 'e ee es'],
  NX1: ['', 'e', 'e ee s', 'es'],
  X1N: ['', 'e', 'e ee', 's', 'se'],
  X1K: ['<s', 'e es', 'e ee', 's', 'se'],
  XK1: ['<s', 'e', 'e ee es', 's se'],
  X1K1: ['<s', 'e', 'e ee es', 's', 'se'],
  X1X: ['', 'e', 'e ee s es', 's', 'se'],
  XX1: ['', 'e', 'e ee s', 'es s se'],
  X1X1: ['', 'e', 'e ee s', 'es s', 'se'],
  K1N: ['>s', 'e', 'e ee', 'se'],
  K1K: ['>s <s', 'e es', 'e ee', 'se'],
  KK1: ['>s <s', 'e', 'e ee se es'],
  K1K1: ['>s <s', 'e', 'e ee es', 'se'],
  K1X: ['>s', 'e', 'e ee s es', 'se'],
  KX1: ['>s', 'e', 'e ee se s', 'es'],
  K1X1: ['>s', 'e', 'e ee s', 'se es'],
  I1N: ['', 'e s', 'e ee', 'se'],
  I1K: ['<s', 'e es s', 'e ee', 'se'],
  IK1: ['<s', 'e s', 'e ee se es'],
  I1K1: ['<s', 'e s', 'e ee es', 'se'],
  I1X: ['', 'e s', 'e ee s es', 'se'],
  IX1: ['', 'e s', 'e ee se s', 'es'],
  I1X1: ['', 'e s', 'e ee s', 'se es'],
};

/** The pattern of a protocol's name, its psk modifiers applied (§9.4); null for another suite or pattern. */
export function patternOf(protocolName: string): Pattern | null {
  const [, name, suite] = /^Noise_([^_]+)_(.+)$/.exec(protocolName) ?? [];
  if (name === undefined || suite !== '25519_ChaChaPoly_SHA256') return null;
  const [, plain = '', modifiers = ''] = /^([A-Z0-9]+)(.*)$/.exec(name) ?? [];
  const lines = base[plain];
  if (lines === undefined) return null;
  const [before, ...messages] = lines;
  const tokens = messages.map((line) => line.split(' ') as Token[]);
  for (const [, place] of modifiers.matchAll(/psk(\d)/g)) {
    if (place === '0') tokens[0]?.unshift('psk');
    else tokens[Number(place) - 1]?.push('psk');
  }
  return {
    name,
    initiatorKnown: before.includes('>s'),
    responderKnown: before.includes('<s'),
    messages: tokens,
  };
}

const withEphemeral = (primitives: Primitives, secret: Uint8Array | undefined): Primitives =>
  secret === undefined
    ? primitives
    : { ...primitives, generateKeyPair: () => primitives.keyPairOf(secret) };

export interface Transcript {
  readonly ciphertexts: readonly string[];
  readonly opened: readonly string[];
  readonly hash: string;
}

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Plays both sides of a vector and gives what went over the wire, and what came out. */
export async function play(
  vector: Omit<Vector, 'messages'> & { messages: readonly { payload: Uint8Array }[] },
  pattern: Pattern,
  primitives: Primitives,
): Promise<Transcript> {
  const side = (initiator: boolean): HandshakeState => {
    const own = initiator ? vector.init_static : vector.resp_static;
    const ephemeral = initiator ? vector.init_ephemeral : vector.resp_ephemeral;
    const remote = initiator ? vector.init_remote_static : vector.resp_remote_static;
    return new HandshakeState({
      pattern,
      initiator,
      prologue: initiator ? vector.init_prologue : vector.resp_prologue,
      own: primitives.keyPairOf(own ?? new Uint8Array(32).fill(1)),
      ...(remote !== undefined && { remote }),
      psks: initiator ? vector.init_psks : vector.resp_psks,
      primitives: withEphemeral(primitives, ephemeral),
    });
  };
  const [initiator, responder] = [side(true), side(false)];
  const ciphertexts: string[] = [];
  const opened: string[] = [];
  let ciphers: { send: CipherState; receive: CipherState }[] = [];
  let hash = '';
  const isOneWay = pattern.messages.length === 1;
  for (const [index, { payload }] of vector.messages.entries()) {
    const fromInitiator = isOneWay || index % 2 === 0;
    const [from, to] = fromInitiator ? [initiator, responder] : [responder, initiator];
    let message: Uint8Array;
    if (index < pattern.messages.length) {
      message = await from.writeMessage(payload);
      opened.push(toHex(await to.readMessage(message)));
    } else {
      const [sender, receiver] = fromInitiator ? [0, 1] : [1, 0];
      message = ciphers[sender]!.send.seal(payload);
      const plain = ciphers[receiver]!.receive.open(message);
      opened.push(plain === null ? 'does not open' : toHex(plain));
    }
    ciphertexts.push(toHex(message));
    if (index === pattern.messages.length - 1) {
      const both = [initiator.split(), responder.split()];
      ciphers = both;
      hash = [...new Set(both.map((end) => toHex(end.hash)))].join(' is not ');
    }
  }
  return { ciphertexts, opened, hash };
}
