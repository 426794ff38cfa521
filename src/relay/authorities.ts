import { hostname, networkInterfaces } from 'node:os';

/** Ports that a URL leaves out: http and ws, https and wss. */
const UNSAID_PORTS = ['80', '443'];

/**
 * The names (`host:port`) under which this relay is reached. A client signs the one it dialled; a
 * proof for any other name was asked for by somebody who passes our challenge on. The Host header
 * decides nothing here: whoever passes a challenge on writes that header too.
 */
export class Authorities {
  readonly #names = new Set<string>();

  constructor(names: readonly string[] = []) {
    for (const name of names) this.add(name);
  }

  /** A name without a port is that of a default port. */
  add(name: string): void {
    const known = name.toLowerCase();
    this.#names.add(known);
    const { host, port } = split(known);
    if (port === '') for (const unsaid of UNSAID_PORTS) this.#names.add(`${host}:${unsaid}`);
    else if (UNSAID_PORTS.includes(port)) this.#names.add(host);
  }

  /** A listening address: loopback goes by three names, a wildcard by every address of the machine. */
  addListening(address: string, port: number): void {
    for (const host of namesOf(address)) this.add(`${bracketed(host)}:${port}`);
  }

  has(name: string): boolean {
    return this.#names.has(name.toLowerCase());
  }
}

function namesOf(address: string): string[] {
  if (address === '0.0.0.0' || address === '::')
    return ['localhost', hostname(), ...addressesOfThisMachine()];
  if (address === '::1' || address.startsWith('127.')) return ['localhost', address];
  return [address];
}

function addressesOfThisMachine(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((each) => (each === undefined ? [] : [each.address]));
}

export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function split(name: string): { host: string; port: string } {
  const found = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(name);
  return { host: found?.[1] ?? name, port: found?.[2] ?? '' };
}
