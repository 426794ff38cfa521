import { MAX_DEVICES } from '../../protocol/devices.ts';
import { OFFER_SECONDS, type PairingResult, type PairState } from '../../protocol/pairing.ts';

type Ended = Extract<PairState, { phase: 'ended' }>;
type Refused = Extract<PairingResult, { type: 'refused' }>;

/** How a pairing can end without a device: what the person here reads, and what the one at the phone does. */
export interface Ending {
  readonly here: Ended;
  readonly there: Refused;
  /** Somebody may be trying: a few in a row make a pause. */
  readonly counts: boolean;
}

const AGAIN = 'Ask the computer for a new code.';

function ending(
  why: Ended['why'],
  here: string,
  there: { why: Refused['why']; message: string },
  counts = false,
): Ending {
  return {
    here: { phase: 'ended', why, message: here },
    there: { type: 'refused', ...there },
    counts,
  };
}

export const endings = {
  unused: ending(
    'expired',
    `Nobody used the code within ${OFFER_SECONDS} seconds, so it is void. Make a new one.`,
    {
      why: 'expired',
      message: `This code came too late: it was good for ${OFFER_SECONDS} seconds. ${AGAIN}`,
    },
  ),
  unconfirmed: ending(
    'expired',
    'Nobody confirmed the digits in time, so nothing was paired. Make a new code.',
    { why: 'expired', message: `Nobody confirmed the digits on the computer in time. ${AGAIN}` },
  ),
  takenBack: ending('cancelled', 'The code was taken back. Nothing was paired.', {
    why: 'cancelled',
    message: `Pairing was given up on the computer. ${AGAIN}`,
  }),
  ownerLeft: ending(
    'cancelled',
    'The window or terminal that showed the code is gone, and the code with it. Nothing was paired.',
    { why: 'cancelled', message: `The computer stopped showing the code. ${AGAIN}` },
  ),
  replaced: ending('cancelled', 'Another code was asked for, so this one is void.', {
    why: 'cancelled',
    message: `The computer shows another code by now. ${AGAIN}`,
  }),
  hostLeaves: ending(
    'cancelled',
    'Porchlight is ending, and the code with it. Nothing was paired.',
    {
      why: 'cancelled',
      message: `Porchlight on the computer is ending. ${AGAIN}`,
    },
  ),
  givenUpThere: ending('cancelled', 'Pairing was given up on the phone. Nothing was paired.', {
    why: 'cancelled',
    message: `Pairing was given up here. ${AGAIN}`,
  }),
  refused: ending(
    'refused',
    'The device was refused and is not paired. The code is void.',
    { why: 'refused', message: `The computer refused this device. ${AGAIN}` },
    true,
  ),
  wrongDigits: ending(
    'mismatch',
    'Those are not the digits of this pairing, so nothing was paired and the code is void. If the phone really shows those, somebody may be in between: try another network or relay.',
    {
      why: 'refused',
      message: `Other digits were given on the computer than stand here, so nothing was paired. ${AGAIN}`,
    },
    true,
  ),
  differThere: ending(
    'mismatch',
    'On the phone the digits were said to differ, so nothing was paired and the code is void. If they do differ, somebody may be in between: try another network or relay.',
    { why: 'refused', message: `The digits were said to differ, so nothing was paired. ${AGAIN}` },
    true,
  ),
  wrongCode: ending(
    'failed',
    'Something answered that does not know this code: a code that was cut off, or somebody at the relay. Nothing was paired and the code is void. Make a new one.',
    { why: 'refused', message: `This is not the code that the computer shows. ${AGAIN}` },
    true,
  ),
  wentAway: ending(
    'failed',
    'The phone went away before it was paired. Nothing was paired and the code is void. Make a new one and scan it again.',
    { why: 'cancelled', message: `The connection broke before the pairing was done. ${AGAIN}` },
  ),
  notOurs: ending(
    'failed',
    'What answered does not speak as a phone of ours does: its page may be older or newer than this Porchlight. Nothing was paired; load the page anew and make a new code.',
    {
      why: 'refused',
      message: `The computer does not understand this app. Update both, then: ${AGAIN}`,
    },
    true,
  ),
  full: ending(
    'failed',
    `${MAX_DEVICES} devices are paired, and more are not possible. Revoke one that is not needed any more.`,
    {
      why: 'full',
      message: `The computer has ${MAX_DEVICES} devices already. Revoke one of them there, then: ${AGAIN}`,
    },
  ),
  notStored: (why: string): Ending =>
    ending('failed', `The device could not be stored, so it is not paired: ${why}`, {
      why: 'cancelled',
      message: `The computer could not store this device. ${AGAIN}`,
    }),
  relayLost: (why: string): Ending =>
    ending('relay', `The way to the relay is gone, and the code with it: ${why}`, {
      why: 'cancelled',
      message: `The computer lost its relay. ${AGAIN}`,
    }),
} as const;
