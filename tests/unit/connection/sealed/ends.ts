import { createHash } from 'node:crypto';
import type {
  SealedPorts,
  SealedTransport,
} from '../../../../src/connection/sealed/sealed-transport.ts';
import {
  initiate,
  respond,
  type InitiateOptions,
  type RespondOptions,
} from '../../../../src/connection/sealed/open.ts';
import { prologueOf } from '../../../../src/crypto/prologue.ts';
import type { Primitives } from '../../../../src/crypto/primitives.ts';
import { nodePrimitives } from '../../../../src/local/node-primitives.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { pipePair, type PipeEnd } from '../../../fakes/pipe-pair.ts';

export const primitives: Primitives = await nodePrimitives();

export const bytesOf = (name: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(name).digest());

export const hostKeys = primitives.keyPairOf(bytesOf('host'));
export const deviceKeys = primitives.keyPairOf(bytesOf('device'));

/** One end, and all that it gave to its owner. */
export class End {
  readonly transport: SealedTransport;
  readonly texts: string[] = [];
  readonly closes: string[] = [];
  answer: (text: string) => void = () => {};

  constructor(transport: SealedTransport) {
    this.transport = transport;
  }

  start(): void {
    this.transport.start({
      message: (text) => {
        this.texts.push(text);
        this.answer(text);
      },
      close: (reason) => this.closes.push(reason),
    });
  }
}

export interface Pair {
  readonly pipes: { device: PipeEnd; host: PipeEnd };
  readonly device: End;
  readonly host: End;
  readonly confirmed: number[];
  /** The clock of both. */
  readonly timers: FakeTimers;
}

/** What a host keeps of a device over its connections. */
export interface Kept {
  counter: number;
}

export interface PairChanges {
  readonly device?: Partial<InitiateOptions>;
  readonly host?: Partial<RespondOptions>;
  readonly ports?: Partial<SealedPorts>;
  readonly kept?: Kept;
}

/** A device and a host that are paired with each other, not started yet. */
export function pair(changes: PairChanges = {}): Pair {
  const pipes = pipePair();
  const timers = new FakeTimers();
  const kept = changes.kept ?? { counter: 0 };
  const confirmed: number[] = [];
  const shared = {
    primitives,
    psk: bytesOf('psk'),
    prologue: prologueOf('session', 'channel', 'device'),
    ports: { timers, ...changes.ports },
  };
  const device = new End(
    initiate({
      ...shared,
      pipe: pipes.device,
      own: deviceKeys,
      remote: hostKeys.publicKey,
      counter: 1,
      ...changes.device,
    }),
  );
  const host = new End(
    respond({
      ...shared,
      pipe: pipes.host,
      own: hostKeys,
      remote: deviceKeys.publicKey,
      accept: (counter) => counter > kept.counter,
      confirmed: (counter) => {
        kept.counter = counter;
        confirmed.push(counter);
      },
      ...changes.host,
    }),
  );
  return { pipes, device, host, confirmed, timers };
}

/** Waits for a condition, by turns of the event loop rather than by time. */
export async function until(what: string, holds: () => boolean, limitMs = 5_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`Waited ${limitMs} ms for: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Until whatever is under way in memory has had its turns. */
export async function settled(turns = 12): Promise<void> {
  for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
