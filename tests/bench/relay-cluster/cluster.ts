import { NatsUnderTest } from '../../support/nats-under-test.ts';
import { startRelay, type BenchRelay } from '../relay/processes.ts';

/** Built relay programs on one NATS. */
export interface BenchCluster {
  readonly nats: NatsUnderTest;
  readonly nodes: readonly BenchRelay[];
  /** One more node, as after a restart. */
  add(): Promise<BenchRelay>;
  stop(): Promise<void>;
}

export interface ClusterSize {
  readonly nodes: number;
  readonly nats: 1 | 3;
  /** Options of each node for its limits; absent: none that counts. */
  readonly limits?: readonly string[];
}

export async function startCluster({
  nodes,
  nats: size,
  limits,
}: ClusterSize): Promise<BenchCluster> {
  const nats = await NatsUnderTest.start({ size });
  const started: BenchRelay[] = [];
  const add = async (): Promise<BenchRelay> => {
    const node = await startRelay(
      nats.urls.flatMap((url) => ['--nats', url]),
      limits,
    );
    started.push(node);
    return node;
  };
  const stop = async (): Promise<void> => {
    for (const node of started) await node.process.stop();
    await nats.stop();
  };
  try {
    for (let i = 0; i < nodes; i += 1) await add();
    return { nats, nodes: started, add, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What was started, to be ended in the other order. */
export class Stops {
  readonly #stops: (() => unknown)[] = [];

  add(stop: () => unknown): void {
    this.#stops.push(stop);
  }

  keep<T extends { stop(): Promise<void> }>(part: T): T {
    this.#stops.push(async () => await part.stop());
    return part;
  }

  async all(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop();
  }
}
