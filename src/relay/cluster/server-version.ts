/** What is to be said of a NATS server, by the version that it says it is. */
export type VersionVerdict =
  | { readonly kind: 'good' }
  | { readonly kind: 'risky' | 'refused'; readonly words: string };

/** Direct reads from any copy, and reading the next message of a subject, came with it. */
const NEEDED = [2, 9, 0] as const;
/** With `sync_interval: always` this one loses nothing that it has acknowledged; see docs/relay.md. */
const SAFE = [2, 12, 0] as const;

/**
 * Never assumed, always asked: what an older server does not know of, it leaves out without a word.
 * Nothing here relies on anything that came after {@link NEEDED}.
 */
export function judgeVersion(version: string): VersionVerdict {
  const found = /^v?(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?=$|[-+])/.exec(version);
  if (found === null)
    return {
      kind: 'refused',
      words: `it does not say its version as NATS does: use NATS ${text(SAFE)} or newer.`,
    };
  const said = found.slice(1).map(Number);
  if (isBefore(said, NEEDED))
    return {
      kind: 'refused',
      words: `it is NATS ${found[0]}, and ${text(NEEDED)} is the oldest that will do: use ${text(SAFE)} or newer.`,
    };
  if (isBefore(said, SAFE))
    return {
      kind: 'risky',
      words: `it is NATS ${found[0]}, which can lose mail and notes that it has acknowledged, when its machine loses power: use ${text(SAFE)} or newer, with "sync_interval: always".`,
    };
  return { kind: 'good' };
}

function isBefore(said: readonly number[], limit: readonly number[]): boolean {
  const at = limit.findIndex((part, n) => said[n] !== part);
  return at !== -1 && (said[at] ?? 0) < (limit[at] ?? 0);
}

function text(version: readonly number[]): string {
  return version.join('.');
}
