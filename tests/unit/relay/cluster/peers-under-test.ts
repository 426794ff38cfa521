import { PeerLinks } from '../../../../src/relay/cluster/peer-links.ts';
import type { NodeId } from '../../../../src/relay/cluster/peers.ts';
import { nodeIdSchema } from '../../../../src/relay/cluster/node-id.ts';
import { Subjects } from '../../../../src/relay/cluster/subjects.ts';
import { MemoryBusNet, type MemoryBus } from '../../../fakes/memory-bus.ts';
import { RelayClock } from '../../../support/relay-clock.ts';

export interface NodeUnderTest {
  readonly bus: MemoryBus;
  readonly peers: PeerLinks;
  /** `from: text`, and `from lost`, with the number of the node in the place of its id. */
  readonly heard: string[];
}

export const subjects = new Subjects('test');

export const idOf = (n: number): NodeId =>
  nodeIdSchema.parse(`node-${String(n).padStart(11, '0')}`);
export const numberOf = (id: NodeId): number => Number(id.slice(5));

/** Nodes that are joined by a bus on which a message takes a millisecond. */
export function nodesOverMemory(random?: () => number) {
  const clock = new RelayClock();
  const net = new MemoryBusNet(clock, random);
  net.weather.delayMs = () => 1;
  const node = (n: number): NodeUnderTest => {
    const bus = net.join();
    const soon = (act: () => void): void => void clock.after(0, act);
    const peers = new PeerLinks({ self: idOf(n), bus, subjects, clock, soon });
    const heard: string[] = [];
    peers.listener = {
      onMessage: (from, message) => void heard.push(`${numberOf(from)}: ${message.toString()}`),
      onLost: (lost) => void heard.push(`${numberOf(lost)} lost`),
    };
    return { bus, peers, heard };
  };
  return { clock, net, node };
}
