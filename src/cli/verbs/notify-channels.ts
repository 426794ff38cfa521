import { randomBytes } from 'node:crypto';
import { notifyChannelsSchema, type NotifyChannels } from '../../protocol/attention.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, wrongUsage } from '../failure.ts';
import { configuredChannels, hostOf, problemOfAddress } from '../notify/channels.ts';
import { oneLine } from '../output/text.ts';
import { askNotify } from './notify.ts';

const MAX_SECRET_CHARS = 200;
const MADE_SECRET_BYTES = 32;
/** An address, and a secret. */
const MAX_STDIN_CHARS = 2_000;

export interface NtfyOptions {
  readonly url?: string;
  readonly topic?: string;
  readonly tokenStdin?: boolean;
  readonly detail?: boolean;
}

/** `porchlight notify ntfy --url U --topic T [--token-stdin] [--detail]|off` */
export async function setNtfy(
  cli: Cli,
  given: 'off' | undefined,
  options: NtfyOptions,
): Promise<void> {
  const { url, topic, tokenStdin, detail = false } = options;
  if (given === 'off') {
    if (Object.keys(options).length > 0) throw wrongUsage('off takes no options.');
    return await switchOff(cli, 'ntfy');
  }
  if (url === undefined || topic === undefined)
    throw wrongUsage('Name the server and the topic: porchlight notify ntfy --url U --topic T');
  if (!notifyChannelsSchema.shape.ntfy.safeParse({ url, topic }).success)
    throw wrongUsage(
      '--url takes an address of up to 300 characters, --topic up to 64 letters, digits, _ and -.',
    );
  const now = await configuredChannels(cli.home);
  refuseBad(url, now.allowHosts);
  const typed =
    tokenStdin === true ? secretOf(await linesFrom(cli, 'token'), 'token', 1) : undefined;
  // A token is for the server that it was given for.
  const token = typed ?? (now.ntfy?.url === url ? now.ntfy.token : undefined);
  const ntfy = { url, topic, ...(token !== undefined && { token }), ...(detail && { detail }) };
  await change(cli, { ntfy });
  const { host } = new URL(url);
  await cli.out.answer(
    { channel: 'ntfy', on: true, host, topic, token: token !== undefined, detail },
    () =>
      [
        `You are told by ntfy at ${host}${token === undefined ? '' : ', with its token'}.`,
        ...readsAlong(host, detail),
        'Try it: porchlight notify test ntfy',
      ].join('\n'),
  );
}

export interface WebhookOptions {
  readonly secretStdin?: boolean;
  readonly detail?: boolean;
}

/**
 * `porchlight notify webhook URL [--secret-stdin] [--detail]|off`: a secret that is made is told once. `-` reads the
 * address from stdin too, before the secret: where a path is a secret, it is none for an argument.
 */
export async function setWebhook(cli: Cli, given: string, options: WebhookOptions): Promise<void> {
  const { secretStdin, detail = false } = options;
  if (given === 'off') {
    if (Object.keys(options).length > 0) throw wrongUsage('off takes no options.');
    return await switchOff(cli, 'webhook');
  }
  const now = await configuredChannels(cli.home);
  const typedLines =
    given === '-' || secretStdin === true
      ? await linesFrom(cli, given === '-' ? 'address' : 'secret')
      : [];
  const url = given === '-' ? (typedLines.shift() ?? '') : given;
  refuseBad(url, now.allowHosts);
  const typed = secretStdin === true ? secretOf(typedLines, 'secret', 16) : undefined;
  const kept = now.webhook?.url === url ? now.webhook.secret : undefined;
  const made = typed ?? kept ?? randomBytes(MADE_SECRET_BYTES).toString('base64url');
  const isNew = typed === undefined && kept === undefined;
  await change(cli, { webhook: { url, secret: made, ...(detail && { detail }) } });
  const { host } = new URL(url);
  await cli.out.answer(
    { channel: 'webhook', on: true, host, detail, ...(isNew && { secret: made }) },
    () =>
      [
        `You are told by a webhook at ${host}.`,
        ...(isNew
          ? [`Its secret, for checking the signature, is shown this once: ${made}`]
          : ['Its secret stays.'].slice(typed === undefined ? 0 : 1)),
        ...readsAlong(host, detail),
        'Try it: porchlight notify test webhook',
      ].join('\n'),
  );
}

function readsAlong(host: string, detail: boolean): string[] {
  return detail ? [`Titles and calls are told too: whoever runs ${host} can read them.`] : [];
}

/** `porchlight notify allow HOST…`: these may be private, and plain http. */
export async function allowHosts(cli: Cli, given: readonly string[]): Promise<void> {
  const now = await configuredChannels(cli.home);
  const hosts = [...new Set([...now.allowHosts, ...given.map(hostTyped)])];
  if (hosts.length > 20) throw new CliFailure('At most 20 hosts can be allowed.');
  await change(cli, { allowHosts: hosts });
  await tellHosts(cli, hosts);
}

/** `porchlight notify disallow HOST…` */
export async function disallowHosts(cli: Cli, given: readonly string[]): Promise<void> {
  const now = await configuredChannels(cli.home);
  const gone = given.map((host) => {
    const wanted = hostTyped(host);
    const found = now.allowHosts.find((entry) => entry === host || hostOf(entry) === wanted);
    if (found !== undefined) return found;
    throw new CliFailure(
      `${wanted} is not allowed. Those that are: ${now.allowHosts.join(', ') || 'none'}.`,
    );
  });
  const hosts = now.allowHosts.filter((entry) => !gone.includes(entry));
  await change(cli, { allowHosts: hosts });
  await tellHosts(cli, hosts);
}

async function tellHosts(cli: Cli, hosts: readonly string[]): Promise<void> {
  await cli.out.answer({ allowHosts: hosts }, () =>
    hosts.length === 0
      ? 'Only public addresses are told to, by https.'
      : `May be private, and plain http: ${hosts.map(oneLine).join(', ')}`,
  );
}

function hostTyped(typed: string): string {
  const host = hostOf(typed);
  if (host === null)
    throw wrongUsage(
      `${oneLine(typed)} is no host: write nas.local, 192.168.1.5 or 192.168.1.5:8080.`,
    );
  return host;
}

function refuseBad(url: string, allowed: readonly string[]): void {
  const problem = problemOfAddress(url, allowed);
  if (problem !== null)
    throw new CliFailure(`Nothing was changed: ${problem.detail}. ${problem.fix}`);
}

async function switchOff(cli: Cli, channel: 'ntfy' | 'webhook'): Promise<void> {
  await change(cli, channel === 'ntfy' ? { ntfy: null } : { webhook: null });
  await cli.out.answer({ channel, on: false }, () => `You are not told by ${channel} any more.`);
}

async function change(cli: Cli, channels: Partial<NotifyChannels>): Promise<void> {
  await askNotify(cli, 'notify.setChannels', { commandId: cli.newCommandId(), channels });
}

/** Secrets come by stdin: an argument stands in the list of processes, and in a shell's history. */
async function linesFrom(cli: Cli, what: string): Promise<string[]> {
  if (cli.asks) cli.out.remark(`Type the ${what}, then Enter and Ctrl-D.`);
  let text = '';
  for await (const chunk of cli.stdin) {
    text += String(chunk);
    if (text.length > MAX_STDIN_CHARS) break;
  }
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function secretOf(lines: readonly string[], what: string, minChars: number): string {
  const [secret = '', ...more] = lines;
  const isFit = secret.length >= minChars && secret.length <= MAX_SECRET_CHARS;
  if (isFit && more.length === 0 && /^[\x21-\x7e]+$/u.test(secret)) return secret;
  throw wrongUsage(
    `The ${what} on stdin must be one word of ${minChars} to ${MAX_SECRET_CHARS} plain characters.`,
  );
}
