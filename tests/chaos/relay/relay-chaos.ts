import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterUnderTest } from '../../support/cluster-under-test.ts';
import { randomOf } from '../plan.ts';
import { Attacks } from './attacks.ts';
import { Crowd } from './crowd.ts';
import { GapGauge, type Gaps } from './gaps.ts';
import type { MailRun } from './mail-run.ts';
import { RealHost } from './real-host.ts';
import { relayPlanOf } from './relay-plan.ts';

export interface RelayChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Hosts with the devices of each: few, for what is measured, and those that come after. */
  readonly few: Size;
  readonly many: Size;
  /** Hosts as they are built, with two phones each. */
  readonly real: number;
  /** Kills of nodes, and of NATS servers, that are measured before all others. */
  readonly nodeKills: number;
  readonly natsKills: number;
  log(line: string): void;
}

interface Size {
  readonly hosts: number;
  readonly devices: number;
}

export interface RelayChaosResult {
  readonly violations: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly gaps: Gaps;
  readonly mail: Pick<MailRun, 'lost' | 'acknowledged' | 'doneAfterMs'>;
  readonly hosts: number;
  readonly devices: number;
  readonly connections: number;
  readonly events: number;
  readonly commands: number;
  /** Commands that came to a host again after they were done. */
  readonly repeats: number;
  readonly mostApartMs: number;
  readonly mostNodeMiB: number;
  readonly seconds: number;
}

const SETTLE_LIMIT_MS = 60_000;
/** Far above what so few clients need: what is bounded stays below. */
const MAX_NODE_MIB = 400;
const FEW_SAY_MS = 50;
const MANY_SAY_MS = 250;
const ASKS_PER_SECOND = 0.5;
const GAUGE_EVERY_MS = 1_000;

/** Does to a cluster what the plan says while hosts and devices talk through it, and checks the books. */
export async function runRelayChaos(options: RelayChaosOptions): Promise<RelayChaosResult> {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-cluster-'));
  const cluster = await ClusterUnderTest.start({ args: ['--drain-seconds', '2'] });
  const crowd = new Crowd({
    relay: cluster.url,
    folder,
    random: randomOf(options.seed, 'work'),
    ready: () => cluster.balancer.ready.length,
  });
  const real = Array.from({ length: options.real }, () => new RealHost());
  const run = new Run(options, cluster, crowd, real);
  const gauging = setInterval(() => run.gauge(), GAUGE_EVERY_MS);
  try {
    const result = await run.all();
    // `npm run chaos` keeps the folder where something is wrong.
    if (result.violations.length > 0)
      writeFileSync(join(tmpdir(), 'nodes.log'), cluster.nodes.map(({ log }) => log).join('\n'));
    return result;
  } finally {
    clearInterval(gauging);
    crowd.stop();
    await Promise.all(real.map(async (host) => await host.stop()));
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Run {
  readonly #options: RelayChaosOptions;
  readonly #cluster: ClusterUnderTest;
  readonly #crowd: Crowd;
  readonly #real: readonly RealHost[];
  readonly #attacks: Attacks;
  readonly #violations: string[] = [];
  #mostNodeMiB = 0;

  constructor(
    options: RelayChaosOptions,
    cluster: ClusterUnderTest,
    crowd: Crowd,
    real: readonly RealHost[],
  ) {
    this.#real = real;
    this.#options = options;
    this.#cluster = cluster;
    this.#crowd = crowd;
    this.#attacks = new Attacks(cluster, crowd);
  }

  async all(): Promise<RelayChaosResult> {
    const startedAtMs = Date.now();
    const { minutes, seed, few, many, log } = this.#options;
    const crowd = this.#crowd;
    await crowd.add(few.hosts, few.devices, FEW_SAY_MS);
    await this.#allUp();
    log(`${few.hosts} hosts and ${crowd.devices.length} devices are connected`);
    const gaps = await this.#measure();
    await crowd.add(many.hosts, many.devices, MANY_SAY_MS);
    crowd.ask(ASKS_PER_SECOND);
    await Promise.all(this.#real.map(async (host) => await host.start(this.#cluster.url, 2)));
    for (const host of this.#real) host.work();
    await this.#allUp();
    log(`${crowd.hosts.length} hosts and ${crowd.devices.length} devices are connected`);
    await this.#play(seed, minutes * 60_000);
    await this.#settle();
    const { hosts, devices } = crowd;
    const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
    return {
      violations: [...crowd.violations, ...this.#violations, ...this.#attacks.mail.lost],
      mail: this.#attacks.mail,
      counts: this.#attacks.counts,
      gaps,
      hosts: hosts.length,
      devices: devices.length,
      connections: sum(devices.map(({ connections }) => connections)),
      events: sum(hosts.map(({ lastSeq }) => lastSeq)),
      commands: sum(devices.map(({ asked }) => asked.size)),
      repeats: sum(hosts.map(({ repeats }) => repeats)),
      mostApartMs: crowd.mostApartMs,
      mostNodeMiB: this.#mostNodeMiB,
      seconds: (Date.now() - startedAtMs) / 1_000,
    };
  }

  gauge(): void {
    for (const { pid } of this.#cluster.nodes)
      this.#mostNodeMiB = Math.max(this.#mostNodeMiB, residentMiB(pid));
  }

  async #measure(): Promise<Gaps> {
    const { nodeKills, natsKills, log } = this.#options;
    const { hosts, devices } = this.#crowd;
    const gauge = new GapGauge(this.#cluster, hosts, devices);
    for (let n = 0; n < nodeKills; n += 1) await gauge.killNode(n);
    for (let n = 0; n < natsKills; n += 1) await gauge.killNats(n);
    log(`measured: ${nodeKills} kills of nodes, ${natsKills} of NATS servers`);
    return gauge.gaps;
  }

  async #play(seed: number, lengthMs: number): Promise<void> {
    const beganAtMs = performance.now();
    let minute = 0;
    for (const action of relayPlanOf(seed, lengthMs)) {
      await pause(beganAtMs + action.atMs - performance.now());
      this.#attacks.begin(action);
      const now = Math.floor(action.atMs / 60_000);
      if (now > minute) this.#options.log(`${(minute = now)} minutes`);
    }
  }

  /** All is whole again: all that was said has arrived, all that was asked was done once. */
  async #settle(): Promise<void> {
    this.#options.log('the plan is done; waiting until all know all');
    this.#crowd.quiet();
    try {
      await this.#attacks.over();
      await this.#cluster.heal();
      await this.#allUp();
    } catch (error) {
      this.#violations.push(error instanceof Error ? error.message : String(error));
    }
    for (const host of this.#real) this.#violations.push(...(await host.settle()));
    for (const host of this.#crowd.hosts) this.#checkCommands(host);
    for (const device of this.#crowd.devices.filter(({ isRevoked }) => !isRevoked))
      for (const wrong of await device.differences())
        this.#violations.push(`${device.name}: ${wrong}`);
    if (this.#mostNodeMiB > MAX_NODE_MIB)
      this.#violations.push(`a node held ${this.#mostNodeMiB} MiB`);
  }

  #checkCommands(host: Crowd['hosts'][number]): void {
    const effects = host.effects();
    for (const { asked, refused, name, isRevoked, host: its } of this.#crowd.devices) {
      if (its !== host) continue;
      for (const id of asked) {
        const times = effects.get(id) ?? 0;
        // Of one that was revoked nobody knows how far the last ones came.
        if (times > 1 || (!isRevoked && (times < 1 || refused.has(id))))
          this.#violations.push(`${id} of ${name} was done ${times} times`);
        effects.delete(id);
      }
    }
    for (const id of effects.keys())
      this.#violations.push(`${id} was done, and nobody asked for it`);
  }

  async #allUp(): Promise<void> {
    const end = performance.now() + SETTLE_LIMIT_MS;
    const wanted = new Map(this.#crowd.hosts.map((host) => [host, host.lastSeq]));
    const isWhole = (device: Crowd['devices'][number]) =>
      device.isRevoked
        ? device.isShutOut
        : device.isUp && device.waiting === 0 && device.seen >= (wanted.get(device.host) ?? 0);
    for (const device of this.#crowd.devices) device.look();
    for (;;) {
      const late = this.#crowd.devices.filter((device) => !isWhole(device));
      if (late.length === 0) return;
      if (performance.now() > end) {
        const words = late.map(
          ({ name, state, host, seen, waiting }) =>
            `${name} (${state}; ${host.words}; ${seen} of ${host.lastSeq} events, ${waiting} commands wait)`,
        );
        throw new Error(`Not whole within ${SETTLE_LIMIT_MS} ms: ${words.join('\n')}`);
      }
      await pause(20);
    }
  }
}

function residentMiB(pid: number | null): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return Math.round((pages * 4_096) / 1024 / 1024);
  } catch {
    // It was killed meanwhile.
    return 0;
  }
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
