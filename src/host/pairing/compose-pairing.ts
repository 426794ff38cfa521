import { randomBytes } from 'node:crypto';
import type { Logger } from '../../base/log.ts';
import { systemTimers } from '../../connection/timers.ts';
import type { Primitives } from '../../crypto/primitives.ts';
import type { Clock } from '../clock/clock.ts';
import type { PairingGround } from '../relay/remote.ts';
import { Pairing } from './pairing.ts';
import { pairingMethods, type PairMethods } from './pairing-methods.ts';
import { sealGuestWith } from './seal-guest.ts';

export interface PairingParts {
  readonly ground: PairingGround;
  /** Loaded at first need. */
  primitives(): Promise<Primitives>;
  readonly clock: Pick<Clock, 'steadyMs' | 'wallMs'>;
  readonly logger: Logger;
}

/** Pairing of phones: the rows of the table, and the end of an open offer when the host leaves. */
export function composePairing({ ground, primitives, clock, logger }: PairingParts): {
  readonly methods: PairMethods;
  close(): void;
} {
  const pairing = new Pairing({
    ...{ ground, logger, timers: systemTimers },
    seal: async (pipe, given) => await sealGuestWith(await primitives())(pipe, given),
    steadyMs: () => clock.steadyMs(),
    wallMs: () => clock.wallMs(),
    randomBytes: (length) => new Uint8Array(randomBytes(length)),
  });
  return { methods: pairingMethods(pairing), close: () => pairing.close() };
}
