import { describe } from 'vitest';
import { systemClock } from '../../src/relay/clock.ts';
import { MemoryBusNet } from '../fakes/memory-bus.ts';
import { busContract, type BusesUnderTest } from './bus.ts';

describe('in memory, for other tests', () => {
  const soon = async (): Promise<void> => await Promise.resolve();
  const overMemory = (change: (net: MemoryBusNet) => void) => async (): Promise<BusesUnderTest> => {
    const net = new MemoryBusNet(systemClock);
    change(net);
    const [a, b] = [net.join(), net.join()];
    return await Promise.resolve({
      a,
      b,
      known: async () =>
        await new Promise<void>((resolve) => setTimeout(resolve, 2 * net.weather.interestMs)),
      cut: async () => await Promise.resolve(b.setUp(false)),
      mend: async () => await Promise.resolve(b.setUp(true)),
      end: soon,
    });
  };

  describe('at once', () => busContract(overMemory(() => {})));
  describe('with delays', () =>
    busContract(
      overMemory(({ weather }) => {
        weather.delayMs = () => Math.floor(Math.random() * 4);
        weather.interestMs = 5;
      }),
    ));
});
