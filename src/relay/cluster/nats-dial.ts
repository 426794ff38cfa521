import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import {
  connect,
  credsAuthenticator,
  usernamePasswordAuthenticator,
  type Authenticator,
  type ConnectionOptions,
  type NatsConnection,
} from '@nats-io/transport-node';
import { MAX_BUS_BYTES } from './bus.ts';
import { greets } from './nats-greeting.ts';
import { dialProblem } from './nats-words.ts';
import { judgeVersion } from './server-version.ts';
import type { ClusterSettings } from './settings.ts';

/** For the connection, TLS, and being let in. One that hangs has taken the TCP connection at once. */
const DIAL_LIMIT_MS = 2_000;
/** A server that says nothing for three of these is given up: within 4.5 s. */
const PING_MS = 1_500;
const PINGS_UNANSWERED = 2;

export interface Dialled {
  readonly connection: NatsConnection;
  readonly version: string;
  /** What is to be said of its version; null: nothing. */
  readonly warning: string | null;
}

/** Throws, in words, for settings that no server can be dialled with. */
export function checkNatsSettings(settings: ClusterSettings): void {
  if (settings.servers.length === 0)
    throw new Error('No NATS server is named: use --nats nats://HOST:PORT.');
  for (const server of settings.servers) checkServer(server);
  if (!/^[\w-]{1,32}$/.test(settings.prefix))
    throw new Error(`The prefix "${settings.prefix}" is not 1 to 32 of A-Z, a-z, 0-9, _ and -.`);
  const { caFile, certFile, keyFile } = settings;
  authenticatorOf(settings);
  for (const file of [caFile, certFile, keyFile]) if (file !== null) readText(file);
}

/**
 * One server, once. Throws in words. The files are read anew each time, so that what they hold can be
 * renewed while the relay runs.
 */
export async function dialNats(server: string, settings: ClusterSettings): Promise<Dialled> {
  let connection: NatsConnection;
  try {
    await greets(server, DIAL_LIMIT_MS);
    connection = await connect(dialOptions(server, settings));
  } catch (error) {
    throw new Error(`NATS at ${server}: ${dialProblem(error)}`, { cause: error });
  }
  const { info } = connection;
  const verdict = judgeVersion(info?.version ?? '');
  const refused =
    verdict.kind === 'refused' ? verdict.words : smallPayloads(info?.max_payload ?? 0);
  if (refused === null)
    return {
      connection,
      version: info?.version ?? '',
      warning: verdict.kind === 'good' ? null : `NATS at ${server}: ${verdict.words}`,
    };
  await connection.close();
  throw new Error(`NATS at ${server}: ${refused}`);
}

function dialOptions(server: string, settings: ClusterSettings): ConnectionOptions {
  const { prefix } = settings;
  const tls = tlsOf(server, settings);
  const authenticator = authenticatorOf(settings);
  return {
    servers: [server],
    name: 'porchlight relay',
    inboxPrefix: `_INBOX_${prefix}`,
    timeout: DIAL_LIMIT_MS,
    pingInterval: PING_MS,
    maxPingOut: PINGS_UNANSWERED,
    noAsyncTraces: true,
    // Whom to dial next, when, and with which files is decided in `nats-link.ts`.
    reconnect: false,
    ignoreClusterUpdates: true,
    ...(tls === null ? {} : { tls }),
    ...(authenticator === null ? {} : { authenticator }),
  };
}

function tlsOf(server: string, settings: ClusterSettings): ConnectionOptions['tls'] | null {
  const { caFile, certFile, keyFile } = settings;
  const { protocol, hostname } = new URL(server);
  if (protocol !== 'tls:' && caFile === null && certFile === null) return null;
  const host = hostname.replace(/^\[|\]$/g, '');
  const options = {
    ...(caFile === null ? {} : { caFile }),
    ...(certFile === null ? {} : { certFile }),
    ...(keyFile === null ? {} : { keyFile }),
    minVersion: 'TLSv1.2',
    // Of an address the client does not say whom it means, and `localhost` would be looked for.
    checkServerIdentity: (name: string, certificate: PeerCertificate) =>
      checkServerIdentity(isIP(host) === 0 ? name : host, certificate),
  };
  return options;
}

function authenticatorOf({
  credsFile,
  userFile,
  passwordFile,
}: ClusterSettings): Authenticator | null {
  if (credsFile !== null) {
    const creds = readFileSync(credsFile);
    const authenticator = credsAuthenticator(creds);
    try {
      authenticator('a nonce');
    } catch (error) {
      throw new Error(`${credsFile} is not a creds file of NATS, as nsc writes it.`, {
        cause: error,
      });
    }
    return authenticator;
  }
  if (userFile === null || passwordFile === null) return null;
  return usernamePasswordAuthenticator(readText(userFile), readText(passwordFile));
}

/** Without the line's end that editors leave. */
function readText(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(`${file} cannot be read: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    });
  }
  if (text === '') throw new Error(`${file} is empty.`);
  return text;
}

function checkServer(server: string): void {
  const url = URL.canParse(server) ? new URL(server) : null;
  if (url === null || !['nats:', 'tls:'].includes(url.protocol) || url.hostname === '')
    throw new Error('A NATS server is named as nats://HOST:PORT or tls://HOST:PORT.');
  if (url.username !== '' || url.password !== '')
    throw new Error(
      `The URL of NATS at ${url.host} has a name or password in it, where others can read it: use --nats-user-file and --nats-password-file.`,
    );
}

function smallPayloads(maxPayload: number): string | null {
  return maxPayload >= MAX_BUS_BYTES
    ? null
    : `it takes messages of ${maxPayload} bytes at most, and ${MAX_BUS_BYTES} are needed: raise its max_payload to 1MB.`;
}
