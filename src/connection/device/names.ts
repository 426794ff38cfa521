import { fromBase64url, toBase64url } from '../../base/base64url.ts';
import { concat, utf8 } from '../../crypto/bytes.ts';
import type { Primitives } from '../../crypto/primitives.ts';
import {
  CHANNEL_TAG,
  channelIdSchema,
  DEVICE_PROOF_TAG,
  proofText,
  type ChannelId,
} from '../../protocol/relay.ts';
import type { DeviceKeys } from './ports.ts';

const CHANNEL_BYTES = 16;

/** The channel of a host, by its relay key (base64url, as in a grant). */
export function channelOf(primitives: Pick<Primitives, 'sha256'>, hostKey: string): ChannelId {
  const key = fromBase64url(hostKey);
  if (key === null) throw new TypeError('That is no key of a host');
  const hash = primitives.sha256(concat(utf8(CHANNEL_TAG), key));
  return channelIdSchema.parse(toBase64url(hash.subarray(0, CHANNEL_BYTES)));
}

/** The JSON with which a device answers the relay's challenge; signs what the relay must not pass on. */
export async function deviceAdmission(
  { grant, relay, sign }: Pick<DeviceKeys, 'grant' | 'relay' | 'sign'>,
  channel: ChannelId,
  nonce: string,
): Promise<string> {
  const authority = new URL(relay).host;
  const text = proofText(DEVICE_PROOF_TAG, nonce, authority, `${channel}.${grant.device}`);
  const signature = toBase64url(await sign(text));
  return JSON.stringify({ type: 'device', grant, authority, signature });
}
