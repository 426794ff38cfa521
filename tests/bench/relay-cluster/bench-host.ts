import type { Grant } from '../../../src/protocol/relay.ts';
import type { DeviceKey } from '../../support/relay-clients.ts';
import { built } from '../relay/built.ts';
import { BenchProcess, type BenchRelay } from '../relay/processes.ts';
import type { Stops } from './cluster.ts';

export type Place = Pick<BenchRelay, 'socketUrl' | 'authority'>;
type DevicePublic = Pick<DeviceKey, 'id' | 'public'>;

/** On the command line of `host-end.ts`. */
export interface HostOrder {
  /** Dialled in turns. */
  readonly nodes: readonly Place[];
  /** From the end of its line until it dials again. */
  readonly redialMs: number;
}
export interface HostTold {
  readonly grants: readonly DevicePublic[];
}
export interface HostSays {
  readonly host?: { readonly public: string; readonly channel: string };
  readonly grants?: readonly Grant[];
}

/** A host in a process of its own, sealing and echoing; see `host-end.ts`. */
export class BenchHost {
  readonly process: BenchProcess;
  readonly channel: string;

  private constructor(process: BenchProcess, channel: string) {
    this.process = process;
    this.channel = channel;
  }

  static async start(stops: Stops, nodes: readonly Place[], redialMs = 50): Promise<BenchHost> {
    const { file, remove } = await built('../relay-cluster/host-end.ts');
    stops.add(remove);
    const order: HostOrder = {
      nodes: nodes.map(({ socketUrl, authority }) => ({ socketUrl, authority })),
      redialMs,
    };
    const process = stops.keep(new BenchProcess(file, [JSON.stringify(order)]));
    const { host } = await process.heard<HostSays>();
    if (host === undefined) throw new Error('The host said something else first.');
    return new BenchHost(process, host.channel);
  }

  async grants(devices: readonly DevicePublic[]): Promise<readonly Grant[]> {
    const told: HostTold = { grants: devices.map(({ id, public: key }) => ({ id, public: key })) };
    const { grants } = await this.process.ask<HostSays>(told);
    if (grants?.length !== devices.length) throw new Error('The host did not grant all.');
    return grants;
  }
}
