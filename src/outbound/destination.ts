import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

/** Where a request may go: checked as it is written; what its name resolves to is not known yet. */
export interface Destination {
  readonly url: URL;
  /** It is configured: may be private, and plain http. */
  readonly isAllowed: boolean;
}

/**
 * Reads an untrusted address. In words what is wrong with it: neither words nor errors tell more of it
 * than the host's name, since its path may be a secret.
 */
export function destinationOf(
  text: string,
  allowHosts: readonly string[],
): Destination | { readonly problem: string } {
  let url;
  try {
    url = new URL(text);
  } catch {
    return { problem: 'The address is not a URL.' };
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { problem: 'The address must begin with https://.' };
  const host = url.hostname;
  if (url.username !== '' || url.password !== '')
    return { problem: `The address at ${host} has a name or password in it: that is not sent.` };
  const isAllowed = allowHosts.some((entry) => matches(url, entry));
  if (!isAllowed && url.protocol !== 'https:')
    return { problem: `The address at ${host} is not https, and ${host} is not in allowHosts.` };
  if (!isAllowed && isIP(bareHost(url)) !== 0 && !isPublicAddress(bareHost(url)))
    return { problem: `${host} is a private address, and not in allowHosts.` };
  return { url, isAllowed };
}

/** The URL parser has made one spelling of an address's many: decimal, hex, octal, mapped. */
export function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/u, '$1').replace(/\.$/u, '');
}

/** `host` or `host:port`, IPv6 with or without brackets. */
function matches(url: URL, entry: string): boolean {
  const text = isIP(entry) === 6 ? `[${entry}]` : entry;
  if (/[/?#@\\\s]/u.test(text)) return false;
  let wanted;
  try {
    wanted = new URL(`http://${text}`);
  } catch {
    return false;
  }
  if (bareHost(wanted).toLowerCase() !== bareHost(url).toLowerCase()) return false;
  const port = /:(\d{1,5})$/u.exec(text.replace(/^\[.*\]/u, ''))?.[1];
  return port === undefined || Number(port) === portOf(url);
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
