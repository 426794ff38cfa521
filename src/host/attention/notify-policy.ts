import {
  DEFAULT_NOTIFY_POLICY,
  notifyPolicySchema,
  type NotifyPolicy,
} from '../../protocol/attention.ts';
import type { Config } from '../../protocol/config.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import { editConfig } from '../config/config-edit.ts';
import { ConfigError } from '../config/config-error.ts';

/** When and how a person is told, with the defaults for what config.json does not say. */
export function notifyPolicyOf({ notify }: Pick<Config, 'notify'>): NotifyPolicy {
  const { ntfy: _, webhook: __, allowHosts: ___, kinds, ...given } = notify ?? {};
  return notifyPolicySchema.parse({
    ...DEFAULT_NOTIFY_POLICY,
    ...withoutGaps(given),
    kinds: { ...DEFAULT_NOTIFY_POLICY.kinds, ...withoutGaps(kinds ?? {}) },
  });
}

/** Keys to be changed; one that is not there stays. */
export type NotifyPolicyChange = {
  readonly [K in keyof NotifyPolicy]?: NotifyPolicy[K] | undefined;
};

/** Writes the keys that are given into config.json. Throws an {@link RpcFailure} in words. */
export function writeNotifyPolicy(path: string, change: NotifyPolicyChange): void {
  const given = withoutGaps(change);
  if (Object.keys(given).length === 0) return;
  try {
    editConfig(path, (json) => {
      const { notify } = json;
      const before = typeof notify === 'object' && notify !== null ? notify : {};
      return { ...json, notify: { ...before, ...given } };
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new RpcFailure(
      'refused',
      `The policy was not changed: ${error.message}. Mend the file, then try again.`,
    );
  }
}

/** A key without a value is no key. */
function withoutGaps(given: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
