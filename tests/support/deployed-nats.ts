import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClusterSettings } from '../../src/relay/cluster/settings.ts';
import { freePorts } from './nats-server.ts';

const deploy = join(import.meta.dirname, '..', '..', 'deploy', 'relay');
const PROGRAM = 'nats-server';
const READY_LIMIT_MS = 20_000;
const NAMES = ['nats-1', 'nats-2', 'nats-3'] as const;

/** Another user of the same servers, who may do all in an account of its own. */
export const STRANGER = { user: 'stranger', password: 'other' };

/**
 * Three servers by the `nats.conf` that people deploy, with the secrets that `make-secrets.sh` makes.
 * Changed is where they listen; and that a server of before 2.10 does not know `sync_interval`.
 */
export class DeployedNats {
  readonly folder: string;
  readonly urls: string[] = [];
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(): Promise<DeployedNats> {
    const folder = await mkdtemp(join(tmpdir(), 'porchlight-deployed-'));
    const nats = new DeployedNats(folder);
    try {
      await nats.#start();
    } catch (error) {
      await nats.stop();
      throw error;
    }
    return nats;
  }

  settings(): ClusterSettings {
    return {
      servers: this.urls,
      credsFile: null,
      userFile: join(this.folder, 'secrets', 'nats-user'),
      passwordFile: join(this.folder, 'secrets', 'nats-password'),
      caFile: null,
      certFile: null,
      keyFile: null,
      prefix: 'porchlight',
      replicas: null,
      mail: { maxAgeSec: 3_600, maxCount: 10, maxBytes: 1_000_000, maxAllBytes: 50_000_000 },
    };
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    const { folder } = this;
    await cp(join(deploy, 'make-secrets.sh'), join(folder, 'make-secrets.sh'));
    const made = spawnSync('sh', [join(folder, 'make-secrets.sh')], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`make-secrets.sh: ${made.stderr}`);
    await cp(join(folder, 'secrets', 'nats-users.conf'), join(folder, 'users.conf'));
    const ports = await freePorts(9);
    const at = (n: number): number => ports[n] ?? 0;
    const routes = NAMES.map((_, n) => `nats-route://127.0.0.1:${at(3 + n)}`);
    const text = await readFile(join(deploy, 'nats.conf'), 'utf8');
    for (const [n, name] of NAMES.entries()) {
      const config = text
        .replace('0.0.0.0:4222', `127.0.0.1:${at(n)}`)
        .replace('0.0.0.0:6222', `127.0.0.1:${at(3 + n)}`)
        .replace('0.0.0.0:8222', `127.0.0.1:${at(6 + n)}`)
        .replace('  sync_interval: always\n', '')
        .replace(
          '  SYS { users: [] }',
          `  SYS { users: [] }\n  STRANGERS { jetstream: enabled, users: [${JSON.stringify(STRANGER)}] }`,
        );
      const path = join(folder, `${name}.conf`);
      await writeFile(path, config);
      const child = spawn(PROGRAM, ['--config', path], {
        stdio: 'ignore',
        env: {
          PATH: process.env.PATH,
          NATS_NAME: name,
          NATS_STORE: join(folder, name),
          NATS_ROUTES: JSON.stringify(routes),
        },
      });
      this.#children.push(child);
      // It ends with this process, however that ends.
      spawn('sh', ['-c', 'cat >/dev/null; kill -9 "$0"', String(child.pid)], {
        stdio: ['pipe', 'ignore', 'ignore'],
      }).unref();
      this.urls.push(`nats://127.0.0.1:${at(n)}`);
    }
    await Promise.all(NAMES.map(async (_, n) => await healthy(at(6 + n))));
  }
}

async function healthy(port: number): Promise<void> {
  const untilMs = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const isHealthy = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isHealthy) return;
    if (Date.now() > untilMs) throw new Error('NATS by deploy/relay/nats.conf did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
