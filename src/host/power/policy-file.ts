import { RpcFailure } from '../../protocol/errors.ts';
import { DEFAULT_POWER_POLICY, powerPolicySchema, type PowerPolicy } from '../../protocol/power.ts';
import type { Config } from '../../protocol/config.ts';
import { editConfig } from '../config/config-edit.ts';
import { ConfigError } from '../config/config-error.ts';

/** What holds, with the defaults for what config.json does not say. */
export function policyOf({ power }: Pick<Config, 'power'>): PowerPolicy {
  const { withoutRelay: _, ...given } = power ?? {};
  return powerPolicySchema.parse({ ...DEFAULT_POWER_POLICY, ...withoutGaps(given) });
}

/** Keys of the policy to be changed; one that is not there stays. */
export type PolicyChange = { readonly [K in keyof PowerPolicy]?: PowerPolicy[K] | undefined };

/** Writes the keys that are given into config.json. Throws an {@link RpcFailure} in words. */
export function writePolicy(path: string, change: PolicyChange): void {
  const given = withoutGaps(change);
  if (Object.keys(given).length === 0) return;
  try {
    editConfig(path, (json) => {
      const { power } = json;
      const before = typeof power === 'object' && power !== null ? power : {};
      return { ...json, power: { ...before, ...given } };
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
function withoutGaps(given: PolicyChange): Partial<PowerPolicy> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
