import { DEFAULT_LIMITS } from '../limits.ts';
import {
  address,
  authority,
  count,
  file,
  folder,
  isSet,
  natsServer,
  origin,
  token,
} from './kinds.ts';
import { many, one, type Option } from './option.ts';

/** A token that lets a push through is good for a day at most: the silence has to end before it. */
const MAX_SILENCE_SEC = 23 * 3_600;
/** A host takes a command once for a week; what is older than a day nobody expects any more. */
const MAX_MAIL_AGE_SEC = 24 * 3_600;
const MIB = 1024 * 1024;
const SECONDS = { sample: 'SECONDS' };

const { maxConnections, maxChannels, maxPerChannel, maxPerAddress } = DEFAULT_LIMITS;
const { addressConnects, channelTraffic, addressTraffic } = DEFAULT_LIMITS;

/**
 * All that can be set. The name of an option gives its flag (`natsCreds`: `--nats-creds`), its place in
 * the environment (`PORCHLIGHT_RELAY_NATS_CREDS`) and its key in the file (`natsCreds`). None of them
 * is a secret: what is secret stands in a file of its own.
 */
export const SECTIONS = {
  '': {
    listen: many(
      address,
      'where to listen, also several times; port 0 takes a free one\n(default 127.0.0.1:7410)',
      [{ host: '127.0.0.1', port: 7410 }],
    ),
    tlsCert: one(
      file,
      'PEM of its certificate, and of those above it: then it speaks https.\nRead anew when it changes, and at SIGHUP; nobody is cut',
      null,
    ),
    tlsKey: one(file, 'and of its key', null),
    statusListen: one(
      address,
      'plain http for /healthz, /readyz and /metrics alone, also while it\nstops; metrics are then nowhere else',
      null,
    ),
    serve: one(folder, 'the folder of the phone page, as it was built', null),
    name: many(
      authority,
      'a name under which it is reached, as clients dial it; needed behind\na proxy, also several times',
    ),
    allowConnect: many(origin, 'another relay that the page may connect to, also several times'),
    trustProxy: one(
      isSet,
      'believe X-Forwarded-For, -Host and -Proto: only behind your own proxy',
      false,
    ),
    drainSeconds: one(
      count({ from: 0, to: 3_600, ...SECONDS }),
      'at SIGTERM, over which its clients are sent to other nodes; a second\nSIGTERM ends at once (with --nats 20, else 0: at once)',
      null,
    ),
    endWithStdin: one(isSet, 'end when stdin closes', false),
    notes: one(
      folder,
      "keep hosts' notes there, and send each when its host has fallen\nsilent; without it, or --nats, none are kept",
      null,
    ),
    allowPush: many(
      authority,
      'a push service that may be private, and plain http, also several times',
    ),
  },
  'Many nodes': {
    nats: many(
      natsServer,
      'a NATS server that joins this relay with others: nats://HOST:PORT or\ntls://HOST:PORT, also several times; without it there is one node',
    ),
    natsCreds: one(file, 'who this node is there: a file of JWT and seed, as nsc writes it', null),
    natsUserFile: one(file, 'or: a file with the name of a user', null),
    natsPasswordFile: one(file, 'and one with the password', null),
    natsCa: one(file, 'PEM of who vouches for the servers (default: as the system says)', null),
    natsCert: one(file, "PEM of this node's own certificate, where they ask for one", null),
    natsKey: one(file, 'and of its key', null),
    natsPrefix: one(
      token,
      'of all subjects, streams and buckets; one for each relay on a NATS\n(default porchlight)',
      'porchlight',
    ),
    natsReplicas: one(
      count({ to: 5 }),
      'copies of what is stored (default: 3 where there are 3 servers, else 1)',
      null,
    ),
    mailAge: one(
      count({ to: MAX_MAIL_AGE_SEC, ...SECONDS }),
      `how long mail for a host that is away is kept (${MAX_MAIL_AGE_SEC})`,
      MAX_MAIL_AGE_SEC,
    ),
    mailCount: one(count({ to: 10_000 }), 'mail of one host (256)', 256),
    mailBytes: one(count(), `and its bytes (${4 * MIB})`, 4 * MIB),
    mailAllBytes: one(count(), `bytes of the mail of all hosts (${1_024 * MIB})`, 1_024 * MIB),
  },
  Limits: {
    maxConnections: one(count(), `in all (${maxConnections})`, maxConnections),
    maxChannels: one(count(), `hosts, connected or remembered (${maxChannels})`, maxChannels),
    maxPerChannel: one(count(), `devices of one host (${maxPerChannel})`, maxPerChannel),
    maxPerAddress: one(count(), `connections of one address (${maxPerAddress})`, maxPerAddress),
    connectsPerSecond: one(
      count(),
      `new ones of one address, and of one host; ten times that at once\n(${addressConnects.perSecond})`,
      addressConnects.perSecond,
    ),
    channelBytesPerSecond: one(
      count(),
      `of one host and its devices; twice that at once\n(${channelTraffic.perSecond})`,
      channelTraffic.perSecond,
    ),
    addressBytesPerSecond: one(
      count(),
      `of one address; twice that at once\n(${addressTraffic.perSecond})`,
      addressTraffic.perSecond,
    ),
    notesBytes: one(count(), `of all notes (${64 * MIB})`, 64 * MIB),
    notesMin: one(count(SECONDS), 'shortest silence that a note may be for (60)', 60),
    notesMax: one(count(SECONDS), `longest (${MAX_SILENCE_SEC})`, MAX_SILENCE_SEC),
    notesGrace: one(
      count(SECONDS),
      'for hosts to come back after this relay was away, before any note is\ndue (90)',
      90,
    ),
  },
} as const;

export const OPTIONS = { ...SECTIONS[''], ...SECTIONS['Many nodes'], ...SECTIONS.Limits };
export type OptionName = keyof typeof OPTIONS;
export type Values = {
  readonly [K in OptionName]: (typeof OPTIONS)[K] extends Option<infer V> ? V : never;
};

/** `natsCreds`: `nats-creds`. */
export const flagOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
/** `natsCreds`: `PORCHLIGHT_RELAY_NATS_CREDS`. */
export const envOf = (name: string): string =>
  `${ENV_PREFIX}${flagOf(name).replaceAll('-', '_').toUpperCase()}`;
export const ENV_PREFIX = 'PORCHLIGHT_RELAY_';
