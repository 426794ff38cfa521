// A program for whatever Node runs it: pushes one notice to the subscription in argv, with keys that
// it makes in the folder of argv, and prints how it went.
import { join } from 'node:path';
import { PushCarrier } from '../../../src/host/push/push-carrier.ts';
import { PushKeys } from '../../../src/host/push/push-keys.ts';
import { pushSubscriptionSchema } from '../../../src/protocol/push.ts';
import { deviceIdSchema } from '../../../src/protocol/relay.ts';

const [folder = '', subscriptionText = '', host = ''] = process.argv.slice(2);
const subscription = pushSubscriptionSchema.parse(JSON.parse(subscriptionText));
const keys = new PushKeys(join(folder, 'push-key.json'));
const device = deviceIdSchema.parse('A'.repeat(22));
const at = new Date().toISOString();
const carrier = new PushCarrier(
  { id: device, name: 'Pixel 9', role: 'operator', lastSeenAt: null },
  {
    ...{ device, subscription, serverKey: '', actions: true, silent: true },
    ...{ since: at, lastAt: null, problem: null },
  },
  {
    sealer: async () => await keys.load(),
    hostId: async () => await Promise.resolve('the-host'),
    allowHosts: () => [host],
  },
);
const words = { title: 'Fix the tests', body: 'Run: npm test', bare: '', at, loud: false };
const carried = await carrier.show({ id: 'a_1', round: 1, kind: 'decision', ...words }, 1, false);
const electron = process.versions.electron !== undefined;
process.stdout.write(JSON.stringify({ carried, electron }));
