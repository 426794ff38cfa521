import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, HostUnderTest } from './support/host-under-test.ts';
import { SealedDevice } from './support/sealed-device.ts';

let host: HostUnderTest;
let device: SealedDevice;

beforeEach(async () => {
  host = new HostUnderTest();
  device = await SealedDevice.pairedWith(host.home, 'Pixel 9', 'operator');
  await host.connect();
}, 30_000);
afterEach(async () => await host.stop(), 30_000);

async function relay(): Promise<string> {
  return await eventually(async () => {
    const { url, connected } = await host.client.call('relay.status', {});
    return connected ? url : null;
  });
}

test('a paired device comes in through the relay and is told who it is', async () => {
  const { hello, client } = await device.connect(await relay());
  expect(hello.device).toEqual({ id: device.grant.device, name: 'Pixel 9', role: 'operator' });
  expect(hello.hostName).not.toBe('');
  client.close();
}, 60_000);
