import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { tellOfSleep } from '../../../src/main/machine-sleep.ts';

function setUp(platform: NodeJS.Platform, fails = false) {
  const monitor = new EventEmitter();
  const told: unknown[] = [];
  let touched = 0;
  const stop = tellOfSleep(platform, {
    monitor: () => {
      touched += 1;
      return monitor;
    },
    call: async (method, params) => {
      told.push([method, params]);
      if (fails) throw new Error('The host cannot be reached; start it and try again.');
      // Neither row has a result.
      return {} as never;
    },
    log: silentLogger,
  });
  return { monitor, told, stop, touched: () => touched };
}

test.each(['darwin', 'win32'] as const)(
  'on %s the host is told of sleep and waking',
  (platform) => {
    const { monitor, told, stop } = setUp(platform);
    monitor.emit('suspend');
    monitor.emit('resume');
    stop();
    monitor.emit('suspend');
    expect(told).toEqual([
      ['power.machine', { event: 'suspend' }],
      ['power.machine', { event: 'resume' }],
    ]);
  },
);

test('on Linux nothing is opened: the holder hears it', () => {
  const { told, touched } = setUp('linux');
  expect([told, touched()]).toEqual([[], 0]);
});

test('a host that cannot be reached is nobody’s failure', async () => {
  const { monitor, told } = setUp('darwin', true);
  monitor.emit('suspend');
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toHaveLength(1);
});
