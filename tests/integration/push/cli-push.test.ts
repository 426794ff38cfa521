import { afterEach, beforeEach, expect, test } from 'vitest';
import { PushService } from '../../support/push-service.ts';
import { Program, type Ran } from '../cli-under-test.ts';
import { eventually, HostUnderTest } from '../support/host-under-test.ts';
import { SealedDevice } from '../support/sealed-device.ts';

let service: PushService;
let host: HostUnderTest;
beforeEach(async () => {
  service = await PushService.start();
  host = new HostUnderTest({ notify: { allowHosts: [service.host] } });
});
afterEach(async () => {
  await host.stop();
  await service.close();
}, 30_000);

async function run(...args: string[]): Promise<Ran> {
  const env = { ...process.env, PORCHLIGHT_HOME: host.home.root };
  return await new Program(args, host.home.root, env).done;
}

async function json<T>(...args: string[]): Promise<T> {
  return JSON.parse((await run(...args, '--json')).stdout) as T;
}

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

test('the command line tells how pushes to a phone fare, from the first to the end of its subscription', async () => {
  const device = await SealedDevice.pairedWith(host.home, 'Pixel 9', 'operator');
  await host.connect();
  const address = await eventually(async () => {
    const { url, connected } = await host.client.call('relay.status', {});
    return connected ? url : null;
  });
  const { client } = await eventually(async () => await device.connect(address).catch(() => null));
  const { key } = await client.call('push.key', {});
  const subscription = service.subscribe(key);
  await client.call('push.subscribe', { subscription, actions: true, silent: true });

  const reach = await json<{ devices: { name: string; online: boolean; push: string }[] }>('reach');
  const first = await run('notify', 'test', '--device', 'pix');
  const shown = service.takenBy(subscription).map((payload) => payload.type);
  service.forget(subscription);
  const second = await run('notify', 'test', '--device', 'Pixel 9');
  const third = await run('notify', 'test');
  const devices = await json<{ push: { state: string; problem: string } }[]>('devices');
  const findings = await json<Finding[]>('doctor');
  const told = findings.filter(({ check }) => ['notifications', 'revival'].includes(check));

  expect([
    reach.devices.map(({ name, online, push }) => [name, online, push]),
    [first.code, second.code, third.code, shown, service.faults],
    devices.map(({ push }) => push.state),
    told.map(({ check, ok }) => [check, ok]),
  ]).toEqual([
    [['Pixel 9', true, 'on']],
    [0, 1, 1, ['show'], []],
    ['off'],
    [
      ['notifications', false],
      ['revival', false],
    ],
  ]);
  expect(second.stdout).toMatch(/^Pixel 9: FAILED after \d+ ms \(410\): .*open Porchlight there/u);
  expect((await run('devices')).stdout).toMatch(/ENDED: .*410/u);
});
