import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { makeCertificates, type Certificates } from './nats-certificates.ts';
import { freePorts, NatsServer } from './nats-server.ts';

export { isWithoutNats } from './nats-server.ts';

export interface NatsOptions {
  /** 3: a cluster. */
  readonly size?: 1 | 3;
  /** With a certificate of an authority of its own, see `certificates`; `mutual` wants one of clients too. */
  readonly tls?: 'server' | 'mutual';
  readonly user?: { readonly name: string; readonly password: string };
  /** More lines of the configuration of each server. */
  readonly config?: string;
}

/**
 * A real NATS on loopback, with JetStream in a temporary folder: one server, or a cluster of three.
 * `stop` it in a `finally` or `afterEach`; it also ends with this process.
 */
export class NatsUnderTest {
  readonly servers: readonly NatsServer[];
  /** Of PEM files; null without TLS. */
  readonly certificates: Certificates | null;
  readonly #folder: string;

  private constructor(
    folder: string,
    servers: readonly NatsServer[],
    certificates: Certificates | null,
  ) {
    this.#folder = folder;
    this.servers = servers;
    this.certificates = certificates;
  }

  static async start(options: NatsOptions = {}): Promise<NatsUnderTest> {
    const nats = await NatsUnderTest.prepare(options);
    try {
      await nats.startAll();
    } catch (error) {
      await nats.stop();
      throw error;
    }
    return nats;
  }

  /** Ports and folders, and nothing that runs: for whoever has to be there before NATS is. */
  static async prepare({ size = 1, tls, user, config }: NatsOptions = {}): Promise<NatsUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'porchlight-nats-'));
    const certificates = tls === undefined ? null : await makeCertificates(folder);
    const ports = await freePorts(3 * size);
    const routePorts = ports.slice(2 * size);
    const servers = Array.from({ length: size }, (_, n) => {
      const name = `n${n + 1}`;
      return new NatsServer({
        name,
        folder: join(folder, name),
        port: ports[n] ?? 0,
        monitorPort: ports[size + n] ?? 0,
        scheme: tls === undefined ? 'nats' : 'tls',
        config: [
          size === 1 ? '' : clusterConfig(routePorts, n),
          certificates === null ? '' : tlsConfig(certificates, tls === 'mutual'),
          user === undefined ? '' : userConfig(user),
          config ?? '',
        ].join('\n'),
      });
    });
    return new NatsUnderTest(folder, servers, certificates);
  }

  get urls(): string[] {
    return this.servers.map(({ url }) => url);
  }

  /** The only one, or the first of three. */
  get server(): NatsServer {
    return this.#at(0);
  }

  get folder(): string {
    return this.#folder;
  }

  async startAll(): Promise<void> {
    await Promise.all(this.servers.map(async (server) => await server.start()));
    if (this.servers.length > 1) await this.metaLeader();
  }

  /** Of the cluster's JetStream; waits until all that run agree on one that runs. */
  async metaLeader(): Promise<NatsServer> {
    return await this.#leader('of JetStream', async (server) => {
      const said = jszSchema.safeParse(await server.monitor('/jsz'));
      return said.success ? (said.data.meta_cluster?.leader ?? null) : null;
    });
  }

  /** Of a stream, a bucket's is `KV_<bucket>`; waits until all that run agree on one that runs. */
  async streamLeader(stream: string): Promise<NatsServer> {
    return await this.#leader(`of ${stream}`, async (server) => {
      const page = await server.monitor('/jsz?accounts=true&streams=true');
      const said = jszSchema.safeParse(page);
      if (!said.success) return null;
      const streams = said.data.account_details.flatMap(({ stream_detail }) => stream_detail);
      return streams.find(({ name }) => name === stream)?.cluster?.leader ?? null;
    });
  }

  /** Ends all, and removes what they stored. */
  async stop(): Promise<void> {
    await Promise.all(this.servers.map(async (server) => await server.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #leader(
    what: string,
    ask: (server: NatsServer) => Promise<string | null>,
  ): Promise<NatsServer> {
    const untilMs = Date.now() + LEADER_LIMIT_MS;
    for (;;) {
      const running = this.servers.filter(({ isRunning }) => isRunning);
      const said = new Set(await Promise.all(running.map(ask)));
      said.delete(null);
      const [name] = said;
      const leader = running.find((server) => server.name === name);
      if (said.size === 1 && leader !== undefined) return leader;
      if (Date.now() > untilMs)
        throw new Error(`no leader ${what}: ${JSON.stringify([...said])} is what servers say`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #at(n: number): NatsServer {
    const server = this.servers[n];
    if (server === undefined) throw new Error(`there is no server ${n}`);
    return server;
  }
}

const LEADER_LIMIT_MS = 20_000;

const jszSchema = z.object({
  meta_cluster: z.object({ leader: z.string().optional() }).optional(),
  account_details: z
    .array(
      z.object({
        stream_detail: z
          .array(
            z.object({
              name: z.string(),
              cluster: z.object({ leader: z.string().optional() }).optional(),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

function clusterConfig(routePorts: readonly number[], own: number): string {
  const routes = routePorts.map((port) => `"nats-route://127.0.0.1:${port}"`);
  // Only the addresses that are given: with those of other servers a client would find what it was not told of.
  return `cluster: { name: "under-test", listen: "127.0.0.1:${routePorts[own]}", routes: [${routes.join(', ')}], no_advertise: true }`;
}

function tlsConfig({ certFile, keyFile, caFile }: Certificates, isMutual: boolean): string {
  return `tls: { cert_file: "${certFile}", key_file: "${keyFile}", ca_file: "${caFile}", verify: ${isMutual} }`;
}

function userConfig({ name, password }: { name: string; password: string }): string {
  return `authorization: { user: ${JSON.stringify(name)}, password: ${JSON.stringify(password)} }`;
}
