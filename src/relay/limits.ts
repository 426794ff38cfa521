import type { AddressLimits } from './address-book.ts';
import type { ChannelLimits } from './channels.ts';

export interface RelayLimits extends AddressLimits, ChannelLimits {
  readonly maxConnections: number;
}

const MIB = 1024 * 1024;

/** For one person's relay, or a team's; all of it can be set, see options.ts. */
export const DEFAULT_LIMITS: RelayLimits = {
  maxConnections: 10_000,
  maxChannels: 10_000,
  maxPerChannel: 256,
  maxPerAddress: 512,
  addressConnects: { burst: 512, perSecond: 50 },
  channelConnects: { burst: 512, perSecond: 50 },
  addressTraffic: { burst: 128 * MIB, perSecond: 64 * MIB },
  channelTraffic: { burst: 64 * MIB, perSecond: 32 * MIB },
};
