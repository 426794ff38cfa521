import { fromBase64url } from '../../base/base64url.ts';
import { MailMalformed, openMail, type MailCommand } from '../../connection/sealed/mail.ts';
import { HandshakeFailed } from '../../crypto/noise/handshake-state.ts';
import type { DhKeyPair, Primitives } from '../../crypto/primitives.ts';
import type { ChannelId, DeviceId } from '../../protocol/relay.ts';
import type { DeviceRecord } from '../devices/device-record.ts';
import type { MailWord } from './mail-port.ts';

const HOUR_MS = 3_600_000;
/** A relay keeps mail for a day; the device's clock may be as far behind. */
const MAX_AGE_MS = 48 * HOUR_MS;
const MAX_AHEAD_MS = 24 * HOUR_MS;

/** Why nothing is done about a mail: what the log says of it. */
export type Unread = 'unknown device' | 'does not open' | 'malformed' | 'too old';

export type Read =
  | { readonly kind: 'command'; readonly device: DeviceRecord; readonly command: MailCommand }
  /** By our clock it is from tomorrow: one of the two stands wrong, and ours may be set yet. */
  | { readonly kind: 'early' }
  | { readonly kind: 'unread'; readonly why: Unread };

export interface MailReaderNeeds {
  find(this: void, id: DeviceId): DeviceRecord | null;
  keys(this: void): {
    readonly own: DhKeyPair;
    readonly channel: ChannelId;
    readonly primitives: Primitives;
  };
  nowMs(this: void): number;
}

/** Opens what a device left. Whoever is not paired any more has left nothing. */
export async function readMail(
  { device: id, id: mail, sealed }: MailWord,
  { find, keys, nowMs }: MailReaderNeeds,
): Promise<Read> {
  const device = find(id);
  if (device === null) return unread('unknown device');
  const { own, channel, primitives } = keys();
  const name = { channel, device: id, id: mail, epoch: device.epoch };
  let command: MailCommand;
  try {
    command = await openMail(bytesOf(sealed), name, {
      ...{ own, primitives },
      remote: bytesOf(device.publicKey),
      psk: bytesOf(device.rootPsk),
    });
  } catch (error) {
    if (error instanceof HandshakeFailed) return unread('does not open');
    if (error instanceof MailMalformed) return unread('malformed');
    throw error;
  }
  const ageMs = nowMs() - command.sealedAtMs;
  if (ageMs > MAX_AGE_MS) return unread('too old');
  return ageMs < -MAX_AHEAD_MS ? { kind: 'early' } : { kind: 'command', device, command };
}

const unread = (why: Unread): Read => ({ kind: 'unread', why });

const bytesOf = (text: string): Uint8Array => fromBase64url(text) ?? new Uint8Array();
