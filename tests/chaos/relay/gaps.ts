import { percentile } from '../../bench/figure.ts';
import type { ClusterUnderTest } from '../../support/cluster-under-test.ts';
import type { LightHost } from '../../support/light-host.ts';
import type { RelayDevice } from './relay-device.ts';

/** For all to be back, however busy the machine is. */
const BACK_LIMIT_MS = 30_000;
/** How long is looked on after a NATS server was killed: an election, and a reconnect. */
const WATCH_MS = 2_500;
const POLL_MS = 5;

/** What was measured while few were connected, so that the machine itself is no part of it. */
export interface Gaps {
  /** Of each device without its host after a kill of a node: from the kill until it had all again. */
  readonly nodeMs: number[];
  /** The same, without the time that it, or its host, chose to wait before it dialled again. */
  readonly beyondRedialMs: number[];
  /** After each kill of a NATS server: the latest that any event came. */
  readonly natsMs: number[];
  /** Devices that lost their connection because a NATS server was killed. */
  natsCuts: number;
}

export class GapGauge {
  readonly gaps: Gaps = { nodeMs: [], beyondRedialMs: [], natsMs: [], natsCuts: 0 };
  readonly #cluster: ClusterUnderTest;
  readonly #hosts: readonly LightHost[];
  readonly #devices: readonly RelayDevice[];

  constructor(
    cluster: ClusterUnderTest,
    hosts: readonly LightHost[],
    devices: readonly RelayDevice[],
  ) {
    this.#cluster = cluster;
    this.#hosts = hosts;
    this.#devices = devices;
  }

  /** All are up before, and after. */
  async killNode(which: number): Promise<void> {
    const node = this.#cluster.nodes[which % this.#cluster.nodes.length];
    if (node === undefined) return;
    for (const device of this.#devices) device.mark();
    const waitedMs = new Map(this.#hosts.map((host) => [host, host.waitedMs]));
    const killedAtMs = performance.now();
    await node.kill();
    // Who is to lose its connection knows it by now; the others go on.
    await pause(50);
    await this.#allUp();
    for (const { host, lastOutage } of this.#devices) {
      if (lastOutage === null) continue;
      const gapMs = lastOutage.untilMs - killedAtMs;
      const ofHostMs = host.waitedMs - (waitedMs.get(host) ?? 0);
      this.gaps.nodeMs.push(gapMs);
      this.gaps.beyondRedialMs.push(gapMs - Math.max(lastOutage.chosenMs, ofHostMs));
    }
    await node.start();
  }

  async killNats(which: number): Promise<void> {
    const server = this.#cluster.nats.servers[which % this.#cluster.nats.servers.length];
    if (server === undefined) return;
    for (const device of this.#devices) device.mark();
    await server.kill();
    await pause(WATCH_MS);
    await this.#allUp();
    this.gaps.natsMs.push(Math.max(...this.#devices.map(({ worstLateMs }) => worstLateMs)));
    this.gaps.natsCuts += this.#devices.filter(({ lastOutage }) => lastOutage !== null).length;
    await server.start();
  }

  /** Every device has a host, and everything that it has said until now. */
  async #allUp(): Promise<void> {
    const end = performance.now() + BACK_LIMIT_MS;
    const wanted = new Map(this.#hosts.map((host) => [host, host.lastSeq]));
    const isBack = (device: RelayDevice) =>
      device.isUp && device.seen >= (wanted.get(device.host) ?? 0);
    while (!this.#devices.every(isBack)) {
      if (performance.now() > end) {
        const late = this.#devices.filter((device) => !isBack(device));
        const words = late.map(({ name, state, host }) => `${name} (${state}; ${host.words})`);
        throw new Error(`Not back within ${BACK_LIMIT_MS} ms: ${words.join(', ')}`);
      }
      await pause(POLL_MS);
    }
  }
}

export const worst = (values: readonly number[]): number => Math.max(0, ...values);
export const middle = (values: readonly number[]): number =>
  values.length === 0 ? 0 : percentile(values, 0.5);

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
