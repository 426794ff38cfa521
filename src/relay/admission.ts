import { assertNever } from '../base/assert-never.ts';
import {
  DEVICE_PROOF_TAG,
  grantText,
  HOST_PROOF_TAG,
  proofText,
  type Admission,
  type ChannelId,
  type DeviceId,
  type Grant,
  type RendezvousId,
} from '../protocol/relay.ts';
import type { RefusalCode } from './metrics.ts';
import { channelOf, isSignedByDevice, isSignedByHost } from './signatures.ts';

/** Who a client has proven to be. Whether it may stay is for the channel to say. */
export type Proven =
  | {
      readonly role: 'host';
      readonly channel: ChannelId;
      readonly revoked: readonly DeviceId[];
      readonly epoch: number;
      readonly dialledMs: number | null;
    }
  | {
      readonly role: 'device';
      readonly channel: ChannelId;
      readonly device: DeviceId;
      readonly epoch: number;
    }
  | { readonly role: 'guest'; readonly rendezvous: RendezvousId };

export interface Refusal {
  readonly role: 'refused';
  readonly code: RefusalCode;
  readonly message: string;
}

export interface Asked {
  /** Made for this connection, and used for one answer only. */
  readonly nonce: string;
  isOurName(authority: string): boolean;
}

/**
 * Checks signatures, and nothing that would tell a stranger what this relay knows: every proof that
 * is wrong looks the same, whether the channel is there or not.
 */
export function prove(admission: Admission, asked: Asked): Proven | Refusal {
  switch (admission.type) {
    case 'host':
      return proveHost(admission, asked);
    case 'device':
      return proveDevice(admission, asked);
    case 'guest':
      return { role: 'guest', rendezvous: admission.rendezvous };
    default:
      return assertNever(admission, 'admission');
  }
}

function proveHost(
  { key, authority, signature, revoked, epoch, dialledMs }: Extract<Admission, { type: 'host' }>,
  { nonce, isOurName }: Asked,
): Proven | Refusal {
  if (!isOurName(authority)) return otherName(authority);
  const channel = channelOf(key);
  const text = proofText(HOST_PROOF_TAG, nonce, authority, channel);
  if (!isSignedByHost(key, text, signature)) return BAD_SIGNATURE;
  return { role: 'host', channel, revoked, epoch, dialledMs: dialledMs ?? null };
}

function proveDevice(
  { grant, authority, signature }: Extract<Admission, { type: 'device' }>,
  { nonce, isOurName }: Asked,
): Proven | Refusal {
  if (!isOurName(authority)) return otherName(authority);
  const { device, deviceKey, epoch, hostKey } = grant;
  const channel = channelOf(hostKey);
  const text = proofText(DEVICE_PROOF_TAG, nonce, authority, `${channel}.${device}`);
  // The device's own first: who merely saw a grant gets no second check out of us.
  const isProven = isSignedByDevice(deviceKey, text, signature) && isGranted(grant);
  return isProven ? { role: 'device', channel, device, epoch } : BAD_SIGNATURE;
}

/** Grants whose signature was found right: a device comes back many times with the one it has. */
const granted = new Set<string>();
const MAX_GRANTED = 4_096;

function isGranted(grant: Grant): boolean {
  const text = grantText(grant);
  const whole = `${grant.hostKey} ${grant.signature} ${text}`;
  if (granted.has(whole)) return true;
  if (!isSignedByHost(grant.hostKey, text, grant.signature)) return false;
  const [oldest] = granted;
  if (granted.size >= MAX_GRANTED && oldest !== undefined) granted.delete(oldest);
  granted.add(whole);
  return true;
}

const BAD_SIGNATURE: Refusal = {
  role: 'refused',
  code: 'badProof',
  message: 'A signature is wrong.',
};

/** Told to the client that named it, and to nobody else. */
function otherName(authority: string): Refusal {
  const name = authority.replaceAll(/[^\w.:[\]-]/g, '?').slice(0, 100);
  return {
    role: 'refused',
    code: 'badProof',
    message: `This relay is not known as ${name}. If it is yours, start it with: --name ${name}`,
  };
}
