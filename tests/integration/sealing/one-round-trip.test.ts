import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, HostUnderTest } from '../support/host-under-test.ts';
import { SealedDevice } from '../support/sealed-device.ts';

let host: HostUnderTest;
let device: SealedDevice;

beforeEach(async () => {
  host = new HostUnderTest();
  device = await SealedDevice.pairedWith(host.home, 'Pixel 9', 'viewer');
  await host.connect();
}, 30_000);
afterEach(async () => await host.stop(), 30_000);

test('a device that connects has its first answers with the first frame of the host', async () => {
  const url = await eventually(async () => {
    const status = await host.client.call('relay.status', {});
    return status.connected ? status.url : null;
  });
  const line = await device.line(url);
  let frames = 0;
  const take = line.take.bind(line);
  line.take = (bytes) => {
    frames += 1;
    take(bytes);
  };
  const sealed = device.seal(line);
  const answers: unknown[] = [];
  sealed.start({ message: (text) => answers.push(JSON.parse(text)), close: () => {} });
  const ask = (id: number, method: string, params: object): void =>
    sealed.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
  ask(1, 'hello', { protocol: 1, surface: 'phone', version: '0' });
  ask(2, 'desk.follow', {});
  await eventually(async () => (answers.length === 2 ? true : null));
  expect({ answers, frames }).toMatchObject({
    answers: [
      { id: 1, result: { device: { name: 'Pixel 9' } } },
      { id: 2, result: { sessions: [] } },
    ],
    frames: 1,
  });
  // Message 1 and the confirmation.
  expect(device.sent).toHaveLength(2);
  sealed.close('done');
}, 60_000);
