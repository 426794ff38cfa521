import type { ClusterNode, ClusterUnderTest } from '../../support/cluster-under-test.ts';
import type { NatsServer } from '../../support/nats-server.ts';
import type { Crowd } from './crowd.ts';
import { MailRun } from './mail-run.ts';
import type { RelayAction } from './relay-plan.ts';

/** Does what a plan says, as far as it can be done: one thing at a time to each node and each server. */
export class Attacks {
  readonly counts = new Map<string, number>();
  readonly mail = new MailRun();
  readonly #cluster: ClusterUnderTest;
  readonly #crowd: Crowd;
  readonly #busy = new Set<object>();
  readonly #running = new Set<Promise<void>>();
  #failed: unknown = null;

  constructor(cluster: ClusterUnderTest, crowd: Crowd) {
    this.#cluster = cluster;
    this.#crowd = crowd;
  }

  /** Begins it; throws what an earlier one has failed with. */
  begin(action: RelayAction): void {
    if (this.#failed !== null) throw this.#failed;
    const done = this.#do(action);
    if (done === null) return;
    this.counts.set(action.do, (this.counts.get(action.do) ?? 0) + 1);
    const running = done
      .catch((error: unknown) => void (this.#failed ??= error))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** All that was begun is over. */
  async over(): Promise<void> {
    await Promise.all(this.#running);
    if (this.#failed !== null) throw this.#failed;
  }

  #do(action: RelayAction): Promise<void> | null {
    const { which } = action;
    switch (action.do) {
      case 'killNode':
        return this.#toNode(which, async (node) => {
          await node.kill();
          await pause(action.forMs);
          await node.start();
        });
      case 'restartNode':
        return this.#toNode(which, restart);
      case 'rolling':
        return this.#rolling();
      case 'pauseNode':
        return this.#toNode(which, async (node) => {
          node.pause();
          await pause(action.forMs);
          node.resume();
        });
      case 'cut':
      case 'stall':
      case 'slow':
        return this.#toNode(which, async (node) => {
          node.weather(
            action.do === 'slow'
              ? { is: 'slow', byMs: action.byMs }
              : { is: action.do === 'cut' ? 'cut' : 'stalled' },
          );
          await pause(action.forMs);
          node.weather({ is: 'fair' });
        });
      case 'killNats':
        return this.#toNats(which, async (server) => {
          await server.kill();
          await pause(action.forMs);
          await server.start();
        });
      case 'pauseNats':
        return this.#toNats(which, async (server) => {
          server.pause();
          await pause(action.forMs);
          server.resume();
          await server.healthy();
        });
      case 'hostAway':
        return this.#to(at(this.#crowd.hosts, which), async (host) => {
          host.switchOff();
          await pause(action.forMs);
          host.switchOn();
        });
      case 'mail':
        return this.#mail(which, action.forMs);
      case 'killAllNats':
        return this.#killAllNats(action.forMs);
      case 'revoke':
        return this.#revoke(which);
      case 'deviceAway':
        return this.#to(at(this.#crowd.devices, which), async (device) => {
          device.close();
          await pause(action.forMs);
          await device.open();
        });
    }
  }

  /** None of its devices does anything else meanwhile. */
  #mail(which: number, forMs: number): Promise<void> | null {
    const host = at(this.#crowd.hosts, which);
    if (host === undefined) return null;
    const own = this.#crowd.devices.filter((device) => device.host === host);
    if (own.some((device) => this.#busy.has(device))) return null;
    return this.#to(host, async () => {
      for (const device of own) this.#busy.add(device);
      await this.mail.play(host, own, forMs);
      for (const device of own) this.#busy.delete(device);
    });
  }

  /** They keep what they have written, as after a crash of the programs. */
  #killAllNats(forMs: number): Promise<void> | null {
    const { servers } = this.#cluster.nats;
    if (servers.some((server) => this.#busy.has(server))) return null;
    for (const server of servers) this.#busy.add(server);
    return (async () => {
      await Promise.all(servers.map(async (server) => await server.kill()));
      await pause(forMs);
      await Promise.all(servers.map(async (server) => await server.start()));
    })().finally(() => {
      for (const server of servers) this.#busy.delete(server);
    });
  }

  /** A host keeps at least one, so that there is somebody to lose something. */
  #revoke(which: number): Promise<void> | null {
    const devices = this.#crowd.devices.filter(({ isRevoked }) => !isRevoked);
    const device = at(devices, which);
    if (devices.filter(({ host }) => host === device?.host).length < 2) return null;
    return this.#to(device, async (each) => each.revoke());
  }

  /** With one node at a time left alone, so that there is somewhere to go. */
  #toNode(which: number, act: (node: ClusterNode) => Promise<void>): Promise<void> | null {
    const { nodes } = this.#cluster;
    const free = nodes.filter((node) => !this.#busy.has(node));
    return free.length < 2 ? null : this.#to(at(free, which), act);
  }

  /** A majority is left alone: without one there is nothing to be promised of what is stored. */
  #toNats(which: number, act: (server: NatsServer) => Promise<void>): Promise<void> | null {
    const { servers } = this.#cluster.nats;
    if (servers.some((server) => this.#busy.has(server))) return null;
    return this.#to(at(servers, which), act);
  }

  #rolling(): Promise<void> | null {
    const { nodes } = this.#cluster;
    if (nodes.some((node) => this.#busy.has(node))) return null;
    for (const node of nodes) this.#busy.add(node);
    return (async () => {
      for (const node of nodes) {
        await restart(node);
        this.#busy.delete(node);
      }
    })().finally(() => {
      for (const node of nodes) this.#busy.delete(node);
    });
  }

  #to<T extends object>(
    target: T | undefined,
    act: (target: T) => Promise<void>,
  ): Promise<void> | null {
    if (target === undefined || this.#busy.has(target)) return null;
    this.#busy.add(target);
    return act(target).finally(() => this.#busy.delete(target));
  }
}

async function restart(node: ClusterNode): Promise<void> {
  await node.drain();
  await node.start();
}

function at<T>(all: readonly T[], which: number): T | undefined {
  return all[which % all.length];
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
