import { parseArgs } from 'node:util';
import { DEFAULT_LIMITS, type RelayLimits } from './limits.ts';
import type { NoteLimits } from './notes/note-book.ts';
import type { NoteOptions } from './notes/open-notes.ts';
import type { ListenAddress } from './relay.ts';

/** A token that lets a push through is good for a day at most: the silence has to end before it. */
const MAX_SILENCE_SEC = 23 * 3_600;
const DEFAULT_NOTES: Omit<NoteLimits, 'maxHosts'> = {
  silences: { minSec: 60, maxSec: MAX_SILENCE_SEC },
  graceMs: 90_000,
  maxBytes: 64 * 1024 * 1024,
};

export const USAGE = `porchlight relay [--listen HOST:PORT]... [OPTION]...

Carries sealed messages between hosts and their devices; it can read none of them.

  --listen HOST:PORT           where to listen, also several times; port 0 takes a free one
                               (default 127.0.0.1:7410)
  --serve DIR                  the folder of the phone page, as it was built
  --name HOST[:PORT]           a name under which it is reached, as clients dial it; needed behind
                               a proxy, also several times
  --allow-connect URL          another relay that the page may connect to, also several times
  --trust-proxy                believe X-Forwarded-For, -Host and -Proto: only behind your own proxy
  --end-with-stdin             end when stdin closes
  --notes DIR                  keep hosts' notes there, and send each when its host has fallen
                               silent; without it none are kept
  --allow-push HOST[:PORT]     a push service that may be private, and plain http, also several times

Limits:
  --max-connections N          in all (${DEFAULT_LIMITS.maxConnections})
  --max-channels N             hosts, connected or remembered (${DEFAULT_LIMITS.maxChannels})
  --max-per-channel N          devices of one host (${DEFAULT_LIMITS.maxPerChannel})
  --max-per-address N          connections of one address (${DEFAULT_LIMITS.maxPerAddress})
  --connects-per-second N      new ones of one address, and of one host; ten times that at once
                               (${DEFAULT_LIMITS.addressConnects.perSecond})
  --channel-bytes-per-second N of one host and its devices; twice that at once
                               (${DEFAULT_LIMITS.channelTraffic.perSecond})
  --address-bytes-per-second N of one address; twice that at once
                               (${DEFAULT_LIMITS.addressTraffic.perSecond})
  --notes-bytes N              of all notes (${DEFAULT_NOTES.maxBytes})
  --notes-min SECONDS          shortest silence that a note may be for (${DEFAULT_NOTES.silences.minSec})
  --notes-max SECONDS          longest (${DEFAULT_NOTES.silences.maxSec})
  --notes-grace SECONDS        for hosts to come back after this relay was away, before any note is
                               due (${DEFAULT_NOTES.graceMs / 1_000})

Prints {"listening":[URL...]} once it is ready; logs to stderr. GET /healthz, /metrics.
`;

const DEFAULT_LISTEN = '127.0.0.1:7410';

export interface CommandLine {
  readonly listen: readonly ListenAddress[];
  readonly serve: string | null;
  readonly names: readonly string[];
  readonly allowConnect: readonly string[];
  readonly trustProxy: boolean;
  readonly endsWithStdin: boolean;
  readonly limits: RelayLimits;
  readonly notes: NoteOptions | null;
}

/** Throws an error whose message is for the person who typed it. `null`: help is asked for. */
export function readCommandLine(args: readonly string[]): CommandLine | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      listen: { type: 'string', multiple: true },
      serve: { type: 'string' },
      name: { type: 'string', multiple: true },
      'allow-connect': { type: 'string', multiple: true },
      'trust-proxy': { type: 'boolean' },
      'end-with-stdin': { type: 'boolean' },
      notes: { type: 'string' },
      'allow-push': { type: 'string', multiple: true },
      'notes-bytes': { type: 'string' },
      'notes-min': { type: 'string' },
      'notes-max': { type: 'string' },
      'notes-grace': { type: 'string' },
      'max-connections': { type: 'string' },
      'max-channels': { type: 'string' },
      'max-per-channel': { type: 'string' },
      'max-per-address': { type: 'string' },
      'connects-per-second': { type: 'string' },
      'channel-bytes-per-second': { type: 'string' },
      'address-bytes-per-second': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return null;
  const count = (flag: keyof typeof values, otherwise: number): number => {
    const text = values[flag];
    if (text === undefined) return otherwise;
    if (typeof text === 'string' && /^[1-9]\d{0,12}$/.test(text)) return Number(text);
    throw new Error(`--${flag} takes a whole number from 1, not "${String(text)}".`);
  };
  const {
    maxConnections,
    maxChannels,
    maxPerChannel,
    maxPerAddress,
    addressConnects,
    addressTraffic,
    channelTraffic,
  } = DEFAULT_LIMITS;
  const connects = count('connects-per-second', addressConnects.perSecond);
  const connectRate = { perSecond: connects, burst: connects * 10 };
  const bytes = (perSecond: number) => ({ perSecond, burst: perSecond * 2 });
  return {
    listen: (values.listen ?? [DEFAULT_LISTEN]).map(listenAddress),
    serve: values.serve ?? null,
    names: (values.name ?? []).map((text) => authority(text, '--name')),
    allowConnect: (values['allow-connect'] ?? []).map(relayOrigin),
    trustProxy: values['trust-proxy'] ?? false,
    endsWithStdin: values['end-with-stdin'] ?? false,
    notes:
      values.notes === undefined
        ? null
        : {
            folder: values.notes,
            allowPush: (values['allow-push'] ?? []).map((text) => authority(text, '--allow-push')),
            limits: {
              maxHosts: count('max-channels', maxChannels),
              maxBytes: count('notes-bytes', DEFAULT_NOTES.maxBytes),
              graceMs: count('notes-grace', DEFAULT_NOTES.graceMs / 1_000) * 1_000,
              silences: {
                minSec: count('notes-min', DEFAULT_NOTES.silences.minSec),
                maxSec: count('notes-max', DEFAULT_NOTES.silences.maxSec),
              },
            },
          },
    limits: {
      maxConnections: count('max-connections', maxConnections),
      maxChannels: count('max-channels', maxChannels),
      maxPerChannel: count('max-per-channel', maxPerChannel),
      maxPerAddress: count('max-per-address', maxPerAddress),
      addressConnects: connectRate,
      channelConnects: connectRate,
      channelTraffic: bytes(count('channel-bytes-per-second', channelTraffic.perSecond)),
      addressTraffic: bytes(count('address-bytes-per-second', addressTraffic.perSecond)),
    },
  };
}

function listenAddress(text: string): ListenAddress {
  const found = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(found?.[3]);
  const host = found?.[1] ?? found?.[2];
  if (host === undefined || !(port <= 65_535))
    throw new Error(`--listen takes HOST:PORT, as 127.0.0.1:7410 or [::1]:7410, not "${text}".`);
  return { host, port };
}

function authority(text: string, flag: string): string {
  if (/^(?:\[[\da-fA-F:.]+\]|[^\s:/[\]@]+)(?::\d{1,5})?$/.test(text)) return text;
  throw new Error(`${flag} takes HOST or HOST:PORT, as relay.example.org, not "${text}".`);
}

/** As the page's policy names it: scheme and authority, nothing else. */
function relayOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol))
    throw new Error(`--allow-connect takes a URL, as https://relay.example.org, not "${text}".`);
  return `${url.protocol}//${url.host}`;
}
