import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { withDeadline } from '../../base/deadline.ts';
import { HostClient } from '../../connection/host-client.ts';
import { connectHost, ensureHost, isNobodyThere } from '../../local/ensure-host.ts';
import { SocketTransport } from '../../local/socket-transport.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { MethodName, Params, Result } from '../../protocol/methods.ts';
import { CliFailure, EXIT, hostNotRunning } from '../failure.ts';
import type { Cli } from '../cli.ts';

/** A host that is just ending takes the connection and drops it; the next one is near. */
const HELLO_RETRY_LIMIT_MS = 10_000;
const HELLO_RETRY_PAUSE_MS = 100;
/** Hello costs the host nothing: one that is silent for so long hangs. */
const HELLO_LIMIT_MS = 10_000;
/** A command is sent again this often when the host goes away before it has answered. */
const MAX_RESENDS = 2;

/** An open, greeted connection. */
export interface HostLink {
  readonly client: HostClient;
  readonly hello: Result<'hello'>;
  /** Null while the connection stands, else why it ended. */
  readonly closedBecause: () => string | null;
  close(): void;
}

type Reach = Pick<Cli, 'home' | 'programs' | 'version' | 'nowMs' | 'startsHost'>;

/** Connects and says hello, starting the host where the verb and `--no-start` allow it. */
export async function linkHost(cli: Reach): Promise<HostLink> {
  const startedAt = cli.nowMs();
  for (;;) {
    const link = await greet(await reach(cli), cli.version);
    if (link !== null) return link;
    if (cli.nowMs() - startedAt > HELLO_RETRY_LIMIT_MS)
      throw new Error(
        `The host at ${cli.home.hostSocket} takes connections and drops them: see ${cli.home.hostLog}`,
      );
    await delay(HELLO_RETRY_PAUSE_MS);
  }
}

/** Connects to a running host, or returns null when there is none. Never starts one. */
export async function findHost(cli: Reach): Promise<HostLink | null> {
  try {
    return await linkHost({ ...cli, startsHost: false });
  } catch (error) {
    if (isNotRunning(error)) return null;
    throw error;
  }
}

export function isNotRunning(error: unknown): boolean {
  return error instanceof CliFailure && error.exitCode === EXIT.notRunning;
}

/** Runs `work` on a connection of its own. */
export async function withHost<T>(cli: Reach, work: (link: HostLink) => Promise<T>): Promise<T> {
  const link = await linkHost(cli);
  try {
    return await work(link);
  } finally {
    link.close();
  }
}

/**
 * One call on a connection of its own. A host that goes away before it has answered is waited for
 * and asked again: reading twice is harmless, and a command carries the id it is deduplicated by.
 */
export async function ask<M extends MethodName>(
  cli: Reach,
  method: M,
  params: Params<M>,
  limitMs?: number,
): Promise<Result<M>> {
  for (let resends = 0; ; resends += 1) {
    const link = await linkHost(cli);
    try {
      return await link.client.call(method, params, limitMs);
    } catch (error) {
      if (error instanceof RpcFailure || link.closedBecause() === null || resends >= MAX_RESENDS)
        throw error;
    } finally {
      link.close();
    }
    await delay(HELLO_RETRY_PAUSE_MS);
  }
}

async function reach(cli: Reach): Promise<Socket> {
  if (cli.startsHost) return await ensureHost(cli.home, cli.programs);
  try {
    return await connectHost(cli.home);
  } catch (error) {
    if (isNobodyThere(error)) throw hostNotRunning();
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Cannot reach the host at ${cli.home.hostSocket}: ${why}. See: porchlight doctor`,
      { cause: error },
    );
  }
}

/** Null when the connection was dropped before the host said hello. */
async function greet(socket: Socket, version: string): Promise<HostLink | null> {
  let closed: string | null = null;
  socket.once('close', () => (closed ??= 'the host closed the connection'));
  try {
    const greeting = HostClient.connect(new SocketTransport(socket), { surface: 'cli', version });
    const { client, hello } = await withDeadline(greeting, HELLO_LIMIT_MS, 'Saying hello');
    client.closed.on((reason) => (closed ??= reason));
    return {
      client,
      hello,
      closedBecause: () => closed,
      close: () => (client.close(), socket.unref()),
    };
  } catch (error) {
    const dropped = closed !== null || socket.destroyed;
    socket.destroy();
    if (dropped && !(error instanceof RpcFailure)) return null;
    throw error;
  }
}
