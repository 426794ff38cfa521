import type { HostFact } from '../facts/call-facts.ts';

/** `example.com`, `*.example.com`, `*`, each with `:port` where it matters. */
export interface HostPattern {
  readonly name: string;
  /** The name and all below it, but not itself. */
  readonly below: boolean;
  readonly port: number | null;
}

export function hostPattern(written: string): HostPattern {
  const cut = /^(?<name>\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(?<port>\d{1,5}))?$/u.exec(
    written.trim().toLowerCase().replace(/\.$/, ''),
  );
  const name = (cut?.groups?.name ?? written).replace(/^\[|\]$/g, '');
  const port = cut?.groups?.port === undefined ? null : Number(cut.groups.port);
  const below = name.startsWith('*.');
  return { name: below ? name.slice(2) : name, below, port };
}

export function matchesHost(pattern: HostPattern, { host, port }: HostFact): boolean {
  if (pattern.port !== null && pattern.port !== port) return false;
  if (pattern.name === '*') return true;
  return pattern.below ? host.endsWith(`.${pattern.name}`) : host === pattern.name;
}
