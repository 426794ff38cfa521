import type { DhKeyPair, HandshakePrimitives } from '../primitives.ts';
import { HandshakeState, MAX_NOISE_BYTES } from './handshake-state.ts';
import { patterns } from './patterns.ts';
import { KEY_BYTES, TAG_BYTES } from '../primitives.ts';

/** What the message costs beside its payload: an ephemeral key and a tag. */
export const ONE_WAY_COST_BYTES = KEY_BYTES + TAG_BYTES;
export const MAX_ONE_WAY_BYTES = MAX_NOISE_BYTES - ONE_WAY_COST_BYTES;

export interface OneWayKeys {
  readonly own: DhKeyPair;
  readonly remote: Uint8Array;
  readonly psk: Uint8Array;
  readonly prologue: Uint8Array;
  /** `own.dh(remote)`, if the caller keeps it. */
  readonly staticShared?: Uint8Array;
  readonly primitives: HandshakePrimitives;
}

/** One message that needs no answer (Kpsk0), at most {@link MAX_ONE_WAY_BYTES} long. */
export async function sealOneWay(payload: Uint8Array, keys: OneWayKeys): Promise<Uint8Array> {
  const state = stateOf(keys, true);
  try {
    return await state.writeMessage(payload);
  } finally {
    state.wipe();
  }
}

/** Rejects with `HandshakeFailed` when it is not the other's, or was made for something else. */
export async function openOneWay(message: Uint8Array, keys: OneWayKeys): Promise<Uint8Array> {
  const state = stateOf(keys, false);
  try {
    return await state.readMessage(message);
  } finally {
    state.wipe();
  }
}

function stateOf({ psk, ...keys }: OneWayKeys, initiator: boolean): HandshakeState {
  return new HandshakeState({ ...keys, initiator, pattern: patterns.Kpsk0, psks: [psk] });
}
