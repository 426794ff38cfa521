import { TAG_BYTES } from '../../crypto/primitives.ts';
import { MAX_NOISE_BYTES } from '../../crypto/noise/handshake-state.ts';
import { MAX_SURFACE_MESSAGE_BYTES } from '../../protocol/limits.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** The kind, then the body, then the tag. */
export const MAX_BODY_BYTES = MAX_NOISE_BYTES - TAG_BYTES - 1;
/** A part that is not the last is at least this long: a text cannot come as millions of crumbs. */
export const MIN_PART_BYTES = 1 * KiB;
/** What a frame of text costs of the window beside its body, so that many empty texts cost something too. */
export const FRAME_COST_BYTES = 64;
/** Payload of a pairing's handshake message. */
export const MAX_PAIRING_BYTES = 4 * KiB;
export const MAX_REASON_BYTES = 256;
/** Both sides: from the start to the end of the handshake; the host: until the device has confirmed it. */
export const HANDSHAKE_LIMIT_MS = 10_000;
export const PING_LIMIT_MS = 10_000;
export const MAX_OPEN_PINGS = 8;
/** Nobody reads what we send: answers to pings may as well be left out. */
export const MAX_PONG_BACKLOG_BYTES = 1 * MiB;
/** A handshake's answer is followed by at most a window of frames, which wait while it is read. */
export const MAX_EARLY_BYTES = 1 * MiB;

/** What tests make small. The two sides need not agree, except on the window. */
export interface SealedLimits {
  readonly maxTextBytes: number;
  readonly maxBodyBytes: number;
  /** Unacknowledged text in one direction. A relay keeps 1 MiB for a slow socket, so an honest pair never meets that. */
  readonly windowBytes: number;
  readonly creditEveryBytes: number;
  /** Text that waits for the window; more closes the channel. */
  readonly maxQueuedBytes: number;
  readonly rekeyEveryMessages: number;
  readonly rekeyEveryMs: number;
  readonly maxAgeMs: number;
  /** Both directions together. */
  readonly maxChannelBytes: number;
}

export const sealedLimits: SealedLimits = {
  maxTextBytes: MAX_SURFACE_MESSAGE_BYTES,
  maxBodyBytes: MAX_BODY_BYTES,
  windowBytes: 512 * KiB,
  creditEveryBytes: 128 * KiB,
  maxQueuedBytes: 64 * MiB,
  rekeyEveryMessages: 2 ** 14,
  rekeyEveryMs: 10 * 60_000,
  maxAgeMs: 24 * 60 * 60_000,
  maxChannelBytes: 2 ** 30,
};
