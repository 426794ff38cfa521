import { afterAll, beforeAll, describe } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { systemClock } from '../../../src/relay/clock.ts';
import { NatsBus } from '../../../src/relay/cluster/nats-bus.ts';
import { NatsLink } from '../../../src/relay/cluster/nats-link.ts';
import { busContract, type BusesUnderTest } from '../../contracts/bus.ts';
import { natsSettings } from '../../support/nats-settings.ts';
import { isWithoutNats, NatsUnderTest, type NatsOptions } from '../../support/nats-under-test.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { eventually } from '../../support/test-bus.ts';

const needs = { clock: systemClock, random: Math.random, log: silentLogger };

describe.skipIf(isWithoutNats())('a bus over NATS', () => {
  describe('of one server', () => over({}, () => [0, 0]));
  describe('of three, each node with another', () => over({ size: 3 }, () => [0, 1]));

  function over(options: NatsOptions, at: () => readonly [number, number]): void {
    let nats: NatsUnderTest;
    beforeAll(async () => void (nats = await NatsUnderTest.start(options)));
    afterAll(async () => await nats.stop());

    busContract(async (): Promise<BusesUnderTest> => {
      const [atA, atB] = at().map((n) => nats.servers[n] ?? nats.server);
      const proxy = await TcpProxy.to(atB?.options.port ?? 0);
      const links = [[atA?.url ?? ''], [`nats://127.0.0.1:${proxy.port}`]].map((servers) =>
        NatsLink.open(natsSettings(servers), needs),
      );
      const [a, b] = links.map((link) => new NatsBus(link, silentLogger));
      if (a === undefined || b === undefined) throw new Error('there are two');
      await Promise.all(links.map(async (link) => await link.up(5_000)));
      const isUp = async (wanted: boolean): Promise<void> =>
        void (await eventually(
          'change of b',
          async () => await Promise.resolve(b.isUp === wanted),
        ));
      return {
        ...{ a, b },
        known: async () => {
          // A server knows what its own client subscribed; another hears of it a moment later.
          await Promise.all(links.map(async ({ connection }) => await connection?.flush()));
          if (nats.servers.length > 1) await new Promise((resolve) => setTimeout(resolve, 50));
        },
        cut: async () => {
          proxy.be({ is: 'cut' });
          await isUp(false);
        },
        mend: async () => {
          proxy.be({ is: 'fair' });
          await isUp(true);
        },
        end: async () => {
          await Promise.all([a.close(), b.close()]);
          await Promise.all(links.map(async (link) => await link.close()));
          await proxy.close();
        },
      };
    });
  }
});
