import type { Claim, Journal } from './journal.ts';
import type { Platform } from './platform.ts';
import type { SettingClaims } from './setting-claims.ts';

export interface Recovered {
  /** Settings that are as they were before. */
  readonly restored: readonly string[];
  /** For a person: what somebody else has changed meanwhile, and was left so. */
  readonly theirs: readonly string[];
  /** Settings that somebody living holds. */
  readonly shared: readonly string[];
  readonly failed: readonly { readonly id: string; readonly message: string }[];
}

/** Puts back what is in the journal and held by nobody. One that cannot be put back keeps its entry. */
export async function recoverAll(
  { journal, claims, platform }: RecoveryDeps,
  isGone?: (claim: Claim) => boolean,
): Promise<Recovered> {
  const restored: string[] = [];
  const theirs: string[] = [];
  const shared: string[] = [];
  const failed: { id: string; message: string }[] = [];
  await Promise.all(
    journal.ids().map(async (id) => {
      try {
        const how = await claims.recover(id, (name) => platform.settingNamed(name), isGone);
        if (how === 'restored') restored.push(id);
        else if (how === 'theirs') theirs.push(id);
        else if (how === 'shared') shared.push(id);
      } catch (error) {
        failed.push({ id, message: error instanceof Error ? error.message : String(error) });
      }
    }),
  );
  return { restored, theirs, shared, failed };
}

export interface RecoveryDeps {
  readonly journal: Journal;
  readonly claims: SettingClaims;
  readonly platform: Pick<Platform, 'settingNamed'>;
}

export function problemsOf(
  { theirs, failed }: Pick<Recovered, 'theirs' | 'failed'>,
  platform: Pick<Platform, 'settingNamed'>,
): string[] {
  const label = (id: string): string => platform.settingNamed(id)?.label ?? id;
  return [
    ...theirs.map(
      (id) =>
        `${label(id)} was changed by somebody else since a Porchlight that ended without setting it back: it stays as they want it.`,
    ),
    ...failed.map(
      ({ id, message }) =>
        `${label(id)} could not be set back after a Porchlight that ended without doing so (${message}). It is tried again.`,
    ),
  ];
}
