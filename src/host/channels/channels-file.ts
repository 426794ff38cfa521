import { destinationOf } from '../../outbound/destination.ts';
import type { NotifyChannels } from '../../protocol/attention.ts';
import type { Config } from '../../protocol/config.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import { editConfig } from '../config/config-edit.ts';
import { ConfigError } from '../config/config-error.ts';

/** Where else a person is told, as config.json says it. */
export function channelsOf({ notify }: Pick<Config, 'notify'>): NotifyChannels {
  return {
    ntfy: notify?.ntfy ?? null,
    webhook: notify?.webhook ?? null,
    allowHosts: notify?.allowHosts ?? [],
  };
}

export type ChannelsChange = {
  readonly [K in keyof NotifyChannels]?: NotifyChannels[K] | undefined;
};

/** Writes the keys that are given. Throws an {@link RpcFailure} in words, and has changed nothing then. */
export function writeChannels(path: string, before: NotifyChannels, change: ChannelsChange): void {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  check({ ...before, ...Object.fromEntries(given) });
  try {
    editConfig(path, (json) => {
      const { notify } = json;
      const known = typeof notify === 'object' && notify !== null ? notify : {};
      const merged = Object.entries({ ...known, ...Object.fromEntries(given) });
      // null stands for "none", which is what an absent key says too.
      return { ...json, notify: Object.fromEntries(merged.filter(([, value]) => value !== null)) };
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new RpcFailure(
      'refused',
      `The channels were not changed: ${error.message}. Mend the file, then try again.`,
    );
  }
}

function check({ ntfy, webhook, allowHosts }: NotifyChannels): void {
  for (const [name, url] of [
    ['ntfy', ntfy?.url],
    ['webhook', webhook?.url],
  ] as const) {
    if (url === undefined) continue;
    const destination = destinationOf(url, allowHosts);
    if ('problem' in destination)
      throw new RpcFailure('refused', `${name}: ${destination.problem}`);
  }
  const server = ntfy === null ? null : new URL(ntfy.url);
  if (server !== null && (server.search !== '' || server.hash !== ''))
    throw new RpcFailure(
      'refused',
      'ntfy: give the address of the server alone, without the topic.',
    );
  // Anything else cannot be in a header.
  if (ntfy?.token !== undefined && !/^[\x21-\x7e]+$/u.test(ntfy.token))
    throw new RpcFailure('refused', 'ntfy: the token has characters that no token has.');
}
