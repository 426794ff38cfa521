import type { ChannelId, DeviceId, MailId } from '../../protocol/relay.ts';

/** A sealed command of a device for a host that is away. */
export interface Mail {
  readonly device: DeviceId;
  /** Chosen by the device; the same one again is the same mail. */
  readonly id: MailId;
  /** Of the grant it was left under. */
  readonly epoch: number;
  /** When the relay took it, milliseconds since 1970. */
  readonly atMs: number;
  readonly sealed: Uint8Array;
}

export interface MailLimits {
  /** Of one, as it is sealed. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Of one host. */
  readonly maxCount: number;
  readonly maxTotalBytes: number;
}

/** Why one is not kept: later may be right (`full`, `away`). */
export class MailRefused extends Error {
  override name = 'MailRefused';
  readonly code: 'full' | 'tooBig' | 'away';

  constructor(code: MailRefused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The mailboxes of hosts. What `leave` has resolved for is not lost while a majority of the store's
 * disks is not. All ways pass `tests/contracts/mail-store.ts`.
 */
export interface MailStore {
  readonly limits: MailLimits;
  /** Durable when it resolves. Rejects with {@link MailRefused}. Twice is once. */
  leave(channel: ChannelId, mail: Mail): Promise<void>;
  /** Oldest first, at most `count`, none that is too old. Rejects, in words. */
  read(channel: ChannelId, count: number): Promise<readonly Mail[]>;
  /** It has these: they are not read again. Rejects, in words; then they may be. */
  taken(channel: ChannelId, mail: readonly Pick<Mail, 'device' | 'id'>[]): Promise<void>;
  close(): Promise<void>;
}
