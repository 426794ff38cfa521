import type { HostFact } from './call-facts.ts';

const PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'ws:': 80,
  'wss:': 443,
  'ftp:': 21,
  'ssh:': 22,
  'git:': 9418,
};
const URL_IN_TEXT = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s'"<>|\\^`{}]+/giu;
/** `git@example.com:group/project.git`, `ada@example.com:file`. */
const REMOTE_PATH = /^(?:[\w.-]+@)?(?<host>[\w.-]+\.[\w-]+|localhost):(?!\/\/)/u;

/** The host that a URL names; null when it names none. */
export function hostOfUrl(text: string): HostFact | null {
  try {
    const { hostname, port, protocol } = new URL(text);
    if (hostname === '') return null;
    const host = hostname
      .toLowerCase()
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '');
    return { host, port: port === '' ? (PORTS[protocol] ?? null) : Number(port) };
  } catch {
    return null;
  }
}

/** Hosts of all URLs in a text. */
export function hostsIn(text: string): HostFact[] {
  return [...text.matchAll(URL_IN_TEXT)].flatMap(([url]) => hostOfUrl(url) ?? []);
}

/** The host of what stands before a colon, as git, scp and rsync read it. */
export function hostOfRemotePath(word: string): HostFact | null {
  const host = REMOTE_PATH.exec(word)?.groups?.host;
  return host === undefined ? null : { host: host.toLowerCase(), port: 22 };
}

/** A host with no scheme before it, as `curl` and `ssh` take it. */
export function hostOfWord(word: string, port: number): HostFact | null {
  const found = hostOfUrl(`x://${word.replace(/^.*@/u, '')}`);
  return found === null ? null : { host: found.host, port: found.port ?? port };
}
