import type { ClusterSettings } from './cluster/settings.ts';
import { DEFAULT_LIMITS, type RelayLimits } from './limits.ts';
import type { NoteOptions, NoteRules } from './notes/open-notes.ts';
import type { ListenAddress } from './listening.ts';
import type { Option } from './settings/option.ts';
import { fromEnv, fromFile, fromFlags, type AllGiven } from './settings/sources.ts';
import type { TlsSettings } from './tls/certificate-files.ts';
import { flagOf, OPTIONS, type OptionName, type Values } from './settings/table.ts';

export interface RelaySettings {
  readonly listen: readonly ListenAddress[];
  /** Where health and metrics are besides; null: at `listen` alone. */
  readonly status: ListenAddress | null;
  /** null: plain http. */
  readonly tls: TlsSettings | null;
  readonly serve: string | null;
  readonly names: readonly string[];
  readonly allowConnect: readonly string[];
  readonly trustProxy: boolean;
  readonly endsWithStdin: boolean;
  /** 0: nobody else takes its clients, so it is best back soon. */
  readonly drainMs: number;
  readonly limits: RelayLimits;
  /** In a folder of this process alone. */
  readonly notes: NoteOptions | null;
  /** Where they are kept with NATS. */
  readonly noteRules: NoteRules;
  /** null: one node, alone. */
  readonly cluster: ClusterSettings | null;
  /** For the log: what was given and means nothing. */
  readonly doubts: readonly string[];
}

/** Kubernetes gives 30 s: the rest is for what is left to be written. */
const DRAIN_SEC = 20;

/**
 * Flags before the environment, the environment before the file. Throws an error whose message is for
 * the person who gave it. `null`: help is asked for.
 */
export function readSettings(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): RelaySettings | null {
  const flags = fromFlags(args);
  if (flags === null) return null;
  const around = fromEnv(env);
  const path = flags.config ?? around.config;
  const sources = [flags.given, around.given, path === undefined ? new Map() : fromFile(path)];
  const values = valuesOf(sources);
  checkPairs(values);
  checkCluster(values);
  return {
    listen: values.listen,
    status: values.statusListen,
    tls: tlsOf(values),
    serve: values.serve,
    names: values.name,
    allowConnect: values.allowConnect,
    trustProxy: values.trustProxy,
    endsWithStdin: values.endWithStdin,
    drainMs: 1_000 * (values.drainSeconds ?? (values.nats.length > 0 ? DRAIN_SEC : 0)),
    notes: values.notes === null ? null : { folder: values.notes, ...rulesOf(values) },
    noteRules: rulesOf(values),
    limits: limitsOf(values),
    cluster: clusterOf(values),
    doubts: around.strange.map((name) => `${name} is no setting (--help lists them)`),
  };
}

function valuesOf(sources: readonly AllGiven[]): Values {
  const values = Object.entries(OPTIONS).map(([name, option]: [string, Option<unknown>]) => [
    name,
    option.value(sources.map((source) => source.get(name)).find((given) => given !== undefined)),
  ]);
  // Each by the option of its own name.
  return Object.fromEntries(values) as Values;
}

function tlsOf({ tlsCert, tlsKey }: Values): TlsSettings | null {
  return tlsCert === null || tlsKey === null ? null : { certFile: tlsCert, keyFile: tlsKey };
}

function rulesOf(values: Values): NoteRules {
  return {
    allowPush: values.allowPush,
    limits: {
      maxHosts: values.maxChannels,
      maxBytes: values.notesBytes,
      graceMs: values.notesGrace * 1_000,
      silences: { minSec: values.notesMin, maxSec: values.notesMax },
    },
  };
}

function limitsOf(values: Values): RelayLimits {
  const { maxConnections, maxChannels, maxPerChannel, maxPerAddress, connectsPerSecond } = values;
  const connects = { perSecond: connectsPerSecond, burst: connectsPerSecond * 10 };
  const bytes = (perSecond: number) => ({ perSecond, burst: perSecond * 2 });
  return {
    ...DEFAULT_LIMITS,
    ...{ maxConnections, maxChannels, maxPerChannel, maxPerAddress },
    addressConnects: connects,
    channelConnects: connects,
    channelTraffic: bytes(values.channelBytesPerSecond),
    addressTraffic: bytes(values.addressBytesPerSecond),
  };
}

function clusterOf(values: Values): ClusterSettings | null {
  if (values.nats.length === 0) return null;
  return {
    servers: values.nats,
    credsFile: values.natsCreds,
    userFile: values.natsUserFile,
    passwordFile: values.natsPasswordFile,
    caFile: values.natsCa,
    certFile: values.natsCert,
    keyFile: values.natsKey,
    prefix: values.natsPrefix,
    replicas: values.natsReplicas,
    mail: {
      maxAgeSec: values.mailAge,
      maxCount: values.mailCount,
      maxBytes: values.mailBytes,
      maxAllBytes: values.mailAllBytes,
    },
  };
}

/** One file says nothing without the other. */
const PAIRS: readonly (readonly [OptionName, OptionName])[] = [
  ['natsUserFile', 'natsPasswordFile'],
  ['natsCert', 'natsKey'],
  ['tlsCert', 'tlsKey'],
];
const OF_NATS: readonly OptionName[] = ['natsCreds', 'natsUserFile', 'natsCa', 'natsCert'];

function checkPairs(values: Values): void {
  for (const [one, other] of PAIRS)
    if ((values[one] === null) !== (values[other] === null))
      throw new Error(`--${flagOf(one)} and --${flagOf(other)} go together.`);
}

function checkCluster(values: Values): void {
  if (values.nats.length > 0 && values.notes !== null)
    throw new Error(
      '--notes is a folder of one node; with --nats notes are kept there: leave it out.',
    );
  if (values.natsCreds !== null && values.natsUserFile !== null)
    throw new Error('--nats-creds and --nats-user-file both say who this node is: give one.');
  const [idle] = OF_NATS.filter((name) => values[name] !== null);
  if (values.nats.length === 0 && idle !== undefined)
    throw new Error(`--${flagOf(idle)} says how to reach NATS: give --nats too.`);
}
