import { join } from 'node:path';
import { DEFAULT_NOTIFY_POLICY } from '../../../src/protocol/attention.ts';
import { HostUnderTest } from '../../integration/support/host-under-test.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import { PushService } from '../../support/push-service.ts';
import { startRelay } from '../relay/processes.ts';

const agentPath = join(import.meta.dirname, '..', 'approvals', 'ask-agent.mjs');
export const ASKER = 'asker';

/** A built host with a paired phone that is pushed to; nobody is at any surface. */
export interface NotifyRig {
  readonly host: HostUnderTest;
  readonly service: PushService;
  /** Its last part: what the push service knows the phone by. */
  readonly endpoint: string;
}

/** `stops` is run backwards, whatever happens. */
export async function notifyRig(stops: (() => unknown)[]): Promise<NotifyRig> {
  const service = await PushService.start();
  stops.push(async () => await service.close());
  const relay = await startRelay();
  stops.push(async () => await relay.process.stop());
  const via = `http://${relay.authority}`;
  const host = new HostUnderTest({
    agents: { [ASKER]: { command: process.execPath, args: [agentPath] } },
    relay: { url: via },
    notify: {
      allowHosts: [service.host],
      // That a turn is over is not what is measured.
      kinds: { ...DEFAULT_NOTIFY_POLICY.kinds, finished: false },
    },
  });
  const { keys } = enrol(host.home, { name: 'phone', role: 'operator', via, relay: via });
  stops.push(async () => await host.stop());
  await host.connect();
  const device = new HeadlessDevice(keys);
  stops.push(() => device.stop());
  await device.start();
  await device.up();
  const { key } = await device.call('push.key', {});
  const subscription = service.subscribe(key);
  await device.call('push.subscribe', { subscription, actions: true, silent: true });
  return { host, service, endpoint: subscription.endpoint };
}

export async function stopAll(stops: (() => unknown)[]): Promise<void> {
  for (const stop of stops.toReversed()) await stop();
}
