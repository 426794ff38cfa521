import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/relay/limits.ts';
import { readSettings } from '../../../src/relay/options.ts';
import { envOf, flagOf, OPTIONS } from '../../../src/relay/settings/table.ts';
import { usage } from '../../../src/relay/settings/usage.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'relay-settings-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function fileWith(settings: unknown): string {
  const file = join(folder, 'relay.json');
  writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  return file;
}

function problemOf(args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  try {
    readSettings(args, env);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return '';
}

const ALONE = {
  listen: [{ host: '127.0.0.1', port: 7410 }],
  status: null,
  tls: null,
  serve: null,
  names: [],
  allowConnect: [],
  trustProxy: false,
  endsWithStdin: false,
  drainMs: 0,
  notes: null,
  noteRules: {
    allowPush: [],
    limits: {
      maxHosts: DEFAULT_LIMITS.maxChannels,
      maxBytes: 64 * 1024 * 1024,
      graceMs: 90_000,
      silences: { minSec: 60, maxSec: 82_800 },
    },
  },
  limits: {
    ...DEFAULT_LIMITS,
    addressConnects: { perSecond: 50, burst: 500 },
    channelConnects: { perSecond: 50, burst: 500 },
  },
  cluster: null,
  doubts: [],
};

const JOINED = {
  servers: ['nats://10.0.0.1:4222', 'tls://nats.example.org'],
  credsFile: null,
  userFile: '/etc/relay/user',
  passwordFile: '/etc/relay/password',
  caFile: '/etc/relay/ca.pem',
  certFile: null,
  keyFile: null,
  prefix: 'ours',
  replicas: 3,
  mail: { maxAgeSec: 3_600, maxCount: 10, maxBytes: 100_000, maxAllBytes: 5_000_000 },
};

describe('settings of the relay', () => {
  it('are those of one node alone where nothing is given', () => {
    expect(readSettings([], {})).toEqual(ALONE);
  });

  it('mean the same as flags, in the environment and in the file', () => {
    const flags = [
      ...['--nats', 'nats://10.0.0.1:4222', '--nats', 'tls://nats.example.org/'],
      ...['--nats-user-file', '/etc/relay/user', '--nats-password-file', '/etc/relay/password'],
      ...['--nats-ca', '/etc/relay/ca.pem', '--nats-prefix', 'ours', '--nats-replicas', '3'],
      ...['--mail-age', '3600', '--mail-count', '10', '--mail-bytes', '100000'],
      ...['--mail-all-bytes', '5000000'],
      ...['--trust-proxy', '--max-connections', '500', '--listen', '[::1]:1'],
    ];
    const env = {
      PORCHLIGHT_RELAY_NATS: 'nats://10.0.0.1:4222, tls://nats.example.org/',
      PORCHLIGHT_RELAY_NATS_USER_FILE: '/etc/relay/user',
      PORCHLIGHT_RELAY_NATS_PASSWORD_FILE: '/etc/relay/password',
      PORCHLIGHT_RELAY_NATS_CA: '/etc/relay/ca.pem',
      PORCHLIGHT_RELAY_NATS_CERT: '',
      PORCHLIGHT_RELAY_NATS_PREFIX: 'ours',
      PORCHLIGHT_RELAY_NATS_REPLICAS: '3',
      PORCHLIGHT_RELAY_MAIL_AGE: '3600',
      PORCHLIGHT_RELAY_MAIL_COUNT: '10',
      PORCHLIGHT_RELAY_MAIL_BYTES: '100000',
      PORCHLIGHT_RELAY_MAIL_ALL_BYTES: '5000000',
      PORCHLIGHT_RELAY_TRUST_PROXY: 'true',
      PORCHLIGHT_RELAY_MAX_CONNECTIONS: '500',
      PORCHLIGHT_RELAY_LISTEN: '[::1]:1',
    };
    const file = fileWith({
      nats: ['nats://10.0.0.1:4222', 'tls://nats.example.org/'],
      natsUserFile: '/etc/relay/user',
      natsPasswordFile: '/etc/relay/password',
      natsCa: '/etc/relay/ca.pem',
      natsPrefix: 'ours',
      natsReplicas: 3,
      mailAge: 3600,
      mailCount: 10,
      mailBytes: 100_000,
      mailAllBytes: 5_000_000,
      trustProxy: true,
      maxConnections: 500,
      listen: ['[::1]:1'],
    });
    const expected = {
      ...ALONE,
      listen: [{ host: '::1', port: 1 }],
      trustProxy: true,
      limits: { ...ALONE.limits, maxConnections: 500 },
      drainMs: 20_000,
      cluster: JOINED,
    };
    expect([
      readSettings(flags, {}),
      readSettings([], env),
      readSettings(['--config', file], {}),
      readSettings([], { PORCHLIGHT_RELAY_CONFIG: file }),
    ]).toEqual([expected, expected, expected, expected]);
  });

  it('of a flag come before the environment, and the environment before the file', () => {
    const file = fileWith({
      maxConnections: 1,
      maxChannels: 1,
      maxPerChannel: 1,
      trustProxy: true,
    });
    const settings = readSettings(
      [
        '--config',
        file,
        '--max-connections',
        '3',
        '--no-trust-proxy',
        '--name',
        'flag.example.org',
      ],
      {
        PORCHLIGHT_RELAY_MAX_CONNECTIONS: '2',
        PORCHLIGHT_RELAY_MAX_CHANNELS: '2',
        PORCHLIGHT_RELAY_NAME: 'a.example.org,b.example.org',
      },
    );
    expect(settings).toEqual({
      ...ALONE,
      names: ['flag.example.org'],
      limits: { ...ALONE.limits, maxConnections: 3, maxChannels: 2, maxPerChannel: 1 },
      noteRules: {
        ...ALONE.noteRules,
        limits: { ...ALONE.noteRules.limits, maxHosts: 2 },
      },
    });
  });

  it('name a path in the file from the folder of the file', () => {
    expect(readSettings(['--config', fileWith({ serve: 'page', notes: '/n' })], {})).toMatchObject({
      serve: join(folder, 'page'),
      notes: { folder: '/n' },
    });
  });

  it('that are wrong are named with where they stand and what they take', () => {
    const inFile = (settings: unknown) =>
      problemOf(['--config', fileWith(settings)]).replace(folder, '');
    expect([
      problemOf(['--max-channels', '0']),
      problemOf(['--mail-age', '86401']),
      problemOf(['--nats', 'nats://127.0.0.1', '--notes', '/n']),
      problemOf(['--listen', 'here']),
      problemOf([], { PORCHLIGHT_RELAY_MAX_CHANNELS: 'many' }),
      problemOf([], { PORCHLIGHT_RELAY_TRUST_PROXY: 'yes' }),
      problemOf([], { PORCHLIGHT_RELAY_ALLOW_CONNECT: 'https://a.example.org,b' }),
      inFile({ maxConections: 5 }),
      inFile({ maxConnections: '5' }),
      inFile({ maxConnections: 5.5 }),
      inFile({ listen: ['127.0.0.1:1', 'here'] }),
      inFile({ listen: '127.0.0.1:1' }),
      inFile([]),
      inFile('{"maxConnections": }').replace(/JSON: .*/, 'JSON: …'),
      problemOf(['--config', join(folder, 'none')]).replace(/: ENOENT.*/, ': …'),
      problemOf(['--nats-prefix', 'a.b']),
      problemOf(['--serve', '']),
    ]).toEqual([
      '--max-channels takes a whole number from 1, not "0".',
      '--mail-age takes a whole number from 1 to 86400, not "86401".',
      '--notes is a folder of one node; with --nats notes are kept there: leave it out.',
      '--listen takes HOST:PORT, as 127.0.0.1:7410 or [::1]:7410, not "here".',
      'PORCHLIGHT_RELAY_MAX_CHANNELS takes a whole number from 1, not "many".',
      'PORCHLIGHT_RELAY_TRUST_PROXY takes true or false, not "yes".',
      'PORCHLIGHT_RELAY_ALLOW_CONNECT takes a URL, as https://relay.example.org, not "b".',
      '/relay.json: "maxConections" is no setting (--help lists them).',
      '/relay.json: maxConnections takes a number.',
      '/relay.json: maxConnections takes a whole number from 1, not "5.5".',
      '/relay.json: listen[1] takes HOST:PORT, as 127.0.0.1:7410 or [::1]:7410, not "here".',
      '/relay.json: listen takes a list, as [ … ].',
      '/relay.json takes an object, as {"maxConnections": 500}.',
      '/relay.json is not JSON: …',
      `Cannot read the settings in ${join(folder, 'none')}: …`,
      '--nats-prefix takes up to 32 letters, digits, - and _, not "a.b".',
      '--serve takes a path.',
    ]);
  });

  it('that mean nothing without another are refused', () => {
    expect([
      problemOf(['--nats-creds', 'x']),
      problemOf(['--nats', 'nats://a', '--nats-user-file', 'x']),
      problemOf(['--nats', 'nats://a', '--nats-key', 'x']),
      problemOf(['--tls-cert', 'x']),
      problemOf(
        ['--nats', 'nats://a', '--nats-creds', 'x', '--nats-user-file', 'x'].concat([
          '--nats-password-file',
          'x',
        ]),
      ),
    ]).toEqual([
      '--nats-creds says how to reach NATS: give --nats too.',
      '--nats-user-file and --nats-password-file go together.',
      '--nats-cert and --nats-key go together.',
      '--tls-cert and --tls-key go together.',
      '--nats-creds and --nats-user-file both say who this node is: give one.',
    ]);
  });

  it('refuse a password in a URL of NATS, without showing it', () => {
    const problems = [
      'nats://me:pass-word@a',
      'nats://pass-word@a',
      'tls://:pass-word@a:1',
    ].flatMap((url) => [
      problemOf(['--nats', url]),
      problemOf([], { PORCHLIGHT_RELAY_NATS: url }),
      problemOf(['--config', fileWith({ nats: [url] })]),
    ]);
    expect(problems.filter((problem) => !problem.includes('no name or password in a URL'))).toEqual(
      [],
    );
    expect(problems.filter((problem) => problem.includes('pass-word'))).toEqual([]);
    expect(
      [
        'http://a',
        'nats://a/b',
        'nats://a?x=pass-word',
        'a:4222',
        'nats://a:4222:1',
        'nats://',
      ].map((url) => problemOf(['--nats', url]).includes('takes a URL of a scheme nats or tls')),
    ).toEqual([true, true, true, true, true, true]);
  });

  it('in the environment that are none are told, but not what Kubernetes puts there', () => {
    const settings = readSettings([], {
      PORCHLIGHT_RELAY_MAX_CONECTIONS: '5',
      PORCHLIGHT_RELAY_PORT: 'tcp://10.0.0.1:7410',
      PORCHLIGHT_RELAY_PORT_7410_TCP_ADDR: '10.0.0.1',
      PORCHLIGHT_RELAY_NATS_SERVICE_HOST: '10.0.0.2',
      PORCHLIGHT_RELAY_SERVICE_PORT_HTTP: '7410',
    });
    expect(settings?.doubts).toEqual([
      'PORCHLIGHT_RELAY_MAX_CONECTIONS is no setting (--help lists them)',
    ]);
  });

  it('are all in the usage, under the flag that the name gives, in lines that a terminal shows', () => {
    const lines = usage().split('\n');
    const flags = lines.flatMap((line) => /^ {2}--([\w-]+)/.exec(line)?.[1] ?? []);
    expect(flags).toEqual(['config', ...Object.keys(OPTIONS).map(flagOf)]);
    expect(lines.filter((line) => line.length > 110)).toEqual([]);
    expect([flagOf('natsCreds'), envOf('natsCreds')]).toEqual([
      'nats-creds',
      'PORCHLIGHT_RELAY_NATS_CREDS',
    ]);
    expect([readSettings(['--help'], {}), readSettings(['-h'], {})]).toEqual([null, null]);
  });
});
