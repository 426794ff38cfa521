import { resolve } from 'node:path';
import type { ListenAddress } from '../listening.ts';

/** What a setting may be: read from the text of a flag, of the environment, or from the file's JSON. */
export interface Kind<T> {
  /** As the usage shows it; empty for what only is or is not. */
  readonly sample: string;
  /** As what it stands in the file. */
  readonly json: 'string' | 'number' | 'boolean';
  /**
   * `folder`: of the file that it stands in, absent elsewhere. Throws what it takes, beginning with the
   * verb: who calls knows where it stands.
   */
  read(text: string, folder?: string): T;
}

export const address: Kind<ListenAddress> = {
  sample: 'HOST:PORT',
  json: 'string',
  read(text) {
    const found = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
    const port = Number(found?.[3]);
    const host = found?.[1] ?? found?.[2];
    if (host === undefined || !(port <= 65_535))
      throw new Error(`takes HOST:PORT, as 127.0.0.1:7410 or [::1]:7410, not "${text}".`);
    return { host, port };
  },
};

export const authority: Kind<string> = {
  sample: 'HOST[:PORT]',
  json: 'string',
  read(text) {
    if (/^(?:\[[\da-fA-F:.]+\]|[^\s:/[\]@]+)(?::\d{1,5})?$/.test(text)) return text;
    throw new Error(`takes HOST or HOST:PORT, as relay.example.org, not "${text}".`);
  },
};

/** As the page's policy names it: scheme and authority, nothing else. */
export const origin: Kind<string> = {
  sample: 'URL',
  json: 'string',
  read(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol))
      throw new Error(`takes a URL, as https://relay.example.org, not "${text}".`);
    return `${url.protocol}//${url.host}`;
  },
};

/** A NATS server. What is secret stands in files: whoever may list processes sees flags. */
export const natsServer: Kind<string> = {
  sample: 'URL',
  json: 'string',
  read(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    // Not repeated: it holds a secret.
    if (url !== null && (url.username !== '' || url.password !== ''))
      throw new Error(
        'takes no name or password in a URL: say --nats-creds, or --nats-user-file and --nats-password-file.',
      );
    const found = /^(?:nats|tls):\/\/(?:\[[\da-fA-F:.]+\]|[^\s:/[\]@?#]+)(?::\d{1,5})?\/?$/.exec(
      text,
    );
    if (url === null || found === null)
      throw new Error(
        'takes a URL of a scheme nats or tls and no path, as nats://127.0.0.1:4222 or tls://nats.example.org.',
      );
    return text.replace(/\/$/, '');
  },
};

export const token: Kind<string> = {
  sample: 'WORD',
  json: 'string',
  read(text) {
    if (/^[\w-]{1,32}$/.test(text)) return text;
    throw new Error(`takes up to 32 letters, digits, - and _, not "${text}".`);
  },
};

export const folder = pathOf('DIR');
export const file = pathOf('FILE');

export const isSet: Kind<boolean> = {
  sample: '',
  json: 'boolean',
  read(text) {
    if (text === 'true' || text === '1') return true;
    if (text === 'false' || text === '0') return false;
    throw new Error(`takes true or false, not "${text}".`);
  },
};

export function count({ from = 1, to = 9_999_999_999_999, sample = 'N' } = {}): Kind<number> {
  return {
    sample,
    json: 'number',
    read(text) {
      const number = /^\d{1,13}$/.test(text) ? Number(text) : -1;
      if (number >= from && number <= to) return number;
      const upTo = to === 9_999_999_999_999 ? '' : ` to ${to}`;
      throw new Error(`takes a whole number from ${from}${upTo}, not "${text}".`);
    },
  };
}

/** In the file it counts from the file's own folder, elsewhere from where the relay was started. */
function pathOf(sample: string): Kind<string> {
  return {
    sample,
    json: 'string',
    read(text, from) {
      if (text === '' || text.includes('\0')) throw new Error('takes a path.');
      return from === undefined ? text : resolve(from, text);
    },
  };
}
