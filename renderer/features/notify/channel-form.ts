import type { NotifyChannels } from '../../../src/protocol/attention.ts';
import { notify } from '../../strings/notify.ts';

const t = notify.channels;
const MAX_HOSTS = 20;
const MAX_HOST_CHARS = 260;

export type Made<C extends keyof NotifyChannels> =
  | { readonly ok: true; readonly channels: { readonly [K in C]: NotifyChannels[K] } }
  | { readonly ok: false; readonly problem: string };

export interface NtfyForm {
  readonly url: string;
  readonly topic: string;
  readonly token: string;
  readonly detail: boolean;
}

export function ntfyOf(form: NtfyForm): Made<'ntfy'> {
  const [url, topic, token] = [form.url.trim(), form.topic.trim(), form.token.trim()];
  if (!isWebAddress(url, 300)) return { ok: false, problem: t.urlWrong };
  if (!/^[\w-]{1,64}$/.test(topic)) return { ok: false, problem: t.topicWrong };
  if (token.length > 200) return { ok: false, problem: t.tokenWrong };
  const ntfy = { url, topic, ...(token !== '' && { token }), detail: form.detail };
  return { ok: true, channels: { ntfy } };
}

export interface WebhookForm {
  readonly url: string;
  readonly secret: string;
  readonly detail: boolean;
}

export function webhookOf(form: WebhookForm): Made<'webhook'> {
  const [url, secret] = [form.url.trim(), form.secret.trim()];
  if (!isWebAddress(url, 1_000)) return { ok: false, problem: t.urlWrong };
  if (secret.length < 16 || secret.length > 200) return { ok: false, problem: t.secretWrong };
  return { ok: true, channels: { webhook: { url, secret, detail: form.detail } } };
}

/** One a line; empty lines say nothing. */
export function hostsOf(text: string): Made<'allowHosts'> {
  const hosts = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const areHosts = hosts.every((host) => host.length <= MAX_HOST_CHARS && !/[\s/@]/.test(host));
  if (hosts.length > MAX_HOSTS || !areHosts) return { ok: false, problem: t.hostsWrong };
  return { ok: true, channels: { allowHosts: hosts } };
}

function isWebAddress(text: string, most: number): boolean {
  if (text.length > most) return false;
  try {
    const { protocol } = new URL(text);
    return protocol === 'https:' || protocol === 'http:';
  } catch {
    return false;
  }
}

/** 32 random bytes, base64url. */
export function newSecret(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const bytes = random(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
