import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Home } from '../../local/home.ts';
import type { NotifyChannels } from '../../protocol/attention.ts';
import { configSchema } from '../../protocol/config.ts';
import { isWithinReach } from '../../protocol/within-reach.ts';
import { CliFailure } from '../failure.ts';
import { oneLine } from '../output/text.ts';

/**
 * Where else a person is told, as config.json has it: the host shows no secrets, and this terminal is
 * that file's owner. Throws a {@link CliFailure} where the file cannot be read.
 */
export async function configuredChannels({
  config,
}: Pick<Home, 'config'>): Promise<NotifyChannels> {
  try {
    const { notify } = configSchema.parse(JSON.parse(await readFile(config, 'utf8')));
    const { ntfy = null, webhook = null, allowHosts = [] } = notify ?? {};
    return { ntfy, webhook, allowHosts };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { ntfy: null, webhook: null, allowHosts: [] };
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new CliFailure(`${config} cannot be read: ${oneLine(why)}. Correct it, then try again.`);
  }
}

/** What is wrong with an address that is told to, as far as it can be seen without asking it. */
export function problemOfAddress(
  text: string,
  allowHosts: readonly string[],
): { readonly detail: string; readonly fix: string } | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/u.test(url.protocol))
    return { detail: `${oneLine(text)} is no address`, fix: 'Write it as https://…' };
  if (url.username !== '' || url.password !== '')
    return {
      detail: `the address at ${url.hostname} has a name or password in it`,
      fix: 'Take it out: for ntfy give --token-stdin',
    };
  if (allowHosts.some((entry) => isAbout(url, entry))) return null;
  const allow = `porchlight notify allow ${url.host}`;
  if (url.protocol !== 'https:')
    return { detail: `the address at ${url.host} is not https, and not allowed so`, fix: allow };
  if (isWithinReach(url.hostname))
    return { detail: `${url.host} is on this machine or its network, and not allowed`, fix: allow };
  return null;
}

function isAbout(url: URL, entry: string): boolean {
  const wanted = hostOf(entry);
  return wanted !== null && (wanted === url.host || wanted === url.hostname);
}

/** `host` or `host:port` in its one spelling; null: it is neither. */
export function hostOf(entry: string): string | null {
  if (/[/?#@\\\s]/u.test(entry) || !URL.canParse(`http://${entry}`)) return null;
  const { hostname } = new URL(`http://${entry}`);
  // The parser leaves out port 80.
  const port = /:(\d{1,5})$/u.exec(entry.replace(/^\[.*\]/u, ''))?.[1];
  return port === undefined ? hostname : `${hostname}:${Number(port)}`;
}
