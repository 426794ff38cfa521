import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostClient } from '../../../src/connection/host-client.ts';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import type { PushPayload } from '../../../src/protocol/push.ts';
import { NtfyServer } from '../../support/ntfy-server.ts';
import { PushService } from '../../support/push-service.ts';
import { WebhookServer } from '../../support/webhook-server.ts';
import { dist, eventually, HostUnderTest, newCommandId } from '../support/host-under-test.ts';
import { SealedDevice } from '../support/sealed-device.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const LIMIT_MS = 60_000;

let service: PushService;
let host: HostUnderTest;
beforeEach(async () => {
  service = await PushService.start();
  host = new HostUnderTest({
    agents: {
      demo: {
        command: process.execPath,
        args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
      },
    },
    notify: { allowHosts: [service.host] },
  });
});
afterEach(async () => {
  await host.stop();
  await service.close();
}, 30_000);

interface Phone {
  readonly device: SealedDevice;
  readonly client: HostClient;
  readonly place: string;
}

/** A phone beside the host; its page is open. */
async function phone(): Promise<Phone> {
  const device = await SealedDevice.pairedWith(host.home, 'Pixel 9', 'operator');
  await host.connect();
  return await reconnect(device);
}

async function reconnect(device: SealedDevice): Promise<Phone> {
  const address = await eventually(async () => {
    const { url, connected } = await host.client.call('relay.status', {});
    return connected ? url : null;
  });
  const { client } = await eventually(async () => await device.connect(address).catch(() => null));
  return { device, client, place: `device:${device.grant.device}` };
}

async function subscribe({ client }: Phone) {
  const { key } = await client.call('push.key', {});
  const subscription = service.subscribe(key);
  const { push } = await client.call('push.subscribe', {
    ...{ subscription, actions: true, silent: true },
  });
  return { subscription, push };
}

/** What stands on the phone: the newest of each tag, without what was taken back. */
function screen(payloads: readonly PushPayload[]) {
  const shown = new Map<string, PushPayload & { type: 'show' }>();
  for (const payload of payloads) {
    if (payload.type === 'show') shown.set(payload.tag, payload);
    if (payload.type === 'withdraw') for (const tag of payload.tags) shown.delete(tag);
  }
  return [...shown.values()];
}

const refusal = async (act: Promise<unknown>): Promise<string | null> =>
  await act.then(
    () => null,
    (error: unknown) => (error instanceof RpcFailure ? error.message : String(error)),
  );

test(
  'an approval is pushed to a phone, sealed, and taken back once it is decided',
  async () => {
    const it = await phone();
    const { subscription, push } = await subscribe(it);
    expect(push).toMatchObject({ state: 'on', service: '127.0.0.1', lastAt: null, problem: null });
    const sessionId = await host.start('demo', 'go on');
    const approval = await host.approval(sessionId);
    await service.until(() => screen(service.takenBy(subscription)).length > 0);
    const [shown] = screen(service.takenBy(subscription));
    expect(shown).toMatchObject({
      ...{ type: 'show', tag: approval.id, kind: 'decision' },
      ...{ sessionId, approvalId: approval.id, badge: 1 },
    });
    expect([service.taken[0]?.urgency, service.taken[0]?.ttl, service.faults]).toEqual([
      'high',
      86_400,
      [],
    ]);
    await host.allow(approval);
    await service.until(() => {
      const asking = screen(service.takenBy(subscription)).filter(
        ({ kind }) => kind === 'decision',
      );
      return asking.length === 0;
    });
    const { devices } = await host.client.call('devices.list', {});
    expect(devices[0]?.push).toMatchObject({ state: 'on', problem: null });
    expect(devices[0]?.push?.lastAt).not.toBeNull();
    const files = ['push.json', 'push-key.json'].map((name) => join(host.home.root, name));
    expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
    expect(readFileSync(host.home.hostLog, 'utf8')).not.toContain('/push/');
  },
  LIMIT_MS,
);

test(
  'a subscription that has ended is off, said so, and begun anew; keys outlive the host',
  async () => {
    const it = await phone();
    const { subscription } = await subscribe(it);
    const { key } = await it.client.call('push.key', {});
    service.forget(subscription);
    const tested = await host.client.call('notify.test', { place: it.place });
    expect(tested).toMatchObject({ ok: false, status: 410 });
    const [listed] = (await host.client.call('devices.list', {})).devices;
    expect([listed?.push?.state, (await it.client.call('push.state', {})).push]).toEqual([
      'off',
      null,
    ]);
    const again = await subscribe(it);
    it.client.close();
    await host.client.call('host.stop', { all: false }).catch(() => {});
    await host.connect();
    const back = await reconnect(it.device);
    expect([
      (await back.client.call('push.key', {})).key,
      (await back.client.call('push.state', {})).push?.state,
      await back.client.call('notify.test', { place: back.place }),
    ]).toMatchObject([key, 'on', { ok: true, status: 201, problem: null }]);
    expect([screen(service.takenBy(again.subscription)).length, service.faults]).toEqual([1, []]);
  },
  LIMIT_MS,
);

test(
  'a device that is revoked is forgotten, and an endpoint in this network is refused',
  async () => {
    const it = await phone();
    const { push: _ } = await subscribe(it);
    const bad = { ...service.subscribe(), endpoint: 'https://10.0.0.1/push/secret' };
    const keys = { ...service.subscribe(), keys: { p256dh: 'A'.repeat(87), auth: 'A'.repeat(22) } };
    const flags = { actions: true, silent: true };
    expect([
      await refusal(it.client.call('push.subscribe', { subscription: bad, ...flags })),
      await refusal(it.client.call('push.subscribe', { subscription: keys, ...flags })),
      await refusal(
        host.client.call('push.subscribe', { subscription: service.subscribe(), ...flags }),
      ),
      await refusal(it.client.call('notify.test', { place: 'desktop' })),
      await refusal(host.client.call('notify.test', { place: 'device:none' })),
    ]).toEqual([
      '10.0.0.1 is a private address, and not in allowHosts.',
      'The keys of the subscription at 127.0.0.1 are none.',
      'Only a paired device is pushed to; on this machine the tray app shows notifications.',
      'A device can try only its own notifications.',
      'Nobody is told at device:none: see "porchlight notify".',
    ]);
    await host.client.call('devices.revoke', { device: it.device.grant.device });
    expect(readFileSync(join(host.home.root, 'push.json'), 'utf8')).toBe(
      '{"version":1,"devices":[]}',
    );
  },
  LIMIT_MS,
);

test(
  'ntfy and a webhook are told in bare words, signed, and told when it is over',
  async () => {
    const ntfy = await NtfyServer.start();
    const webhook = await WebhookServer.start(SECRET);
    try {
      ntfy.token = 'tk_secret';
      await host.connect();
      const refused = await refusal(
        host.client.call('notify.setChannels', {
          commandId: newCommandId(),
          channels: { ntfy: { url: ntfy.origin, topic: 'mine' } },
        }),
      );
      const { notify } = await host.client.call('notify.setChannels', {
        commandId: newCommandId(),
        channels: {
          ntfy: { url: ntfy.origin, topic: 'mine', token: 'tk_secret' },
          webhook: { url: webhook.url, secret: SECRET },
          allowHosts: [ntfy.host, webhook.host],
        },
      });
      expect([
        refused,
        notify.places.map(({ place, name, state }) => [place, name, state]),
      ]).toEqual([
        'ntfy: The address at 127.0.0.1 is not https, and 127.0.0.1 is not in allowHosts.',
        [
          ['desktop', 'This computer', 'off'],
          ['ntfy', ntfy.host, 'on'],
          ['webhook', webhook.host, 'on'],
        ],
      ]);
      expect(JSON.stringify(notify)).not.toMatch(/tk_secret|whsec|of-the-path/u);
      await host.client.call('notify.setPolicy', {
        ...{ commandId: newCommandId(), policy: { seenSec: 5 } },
      });
      const sessionId = await host.start('demo', 'go on');
      const approval = await host.approval(sessionId);
      await ntfy.until(() => ntfy.shown().length > 0);
      await webhook.until(() => webhook.calls.length > 0, 20_000);
      const told = JSON.stringify([ntfy.published, webhook.done()]);
      expect(told).not.toContain(approval.title);
      await host.allow(approval);
      await ntfy.until(() => ntfy.shown().every(({ priority }) => (priority ?? 0) < 4));
      await webhook.until(() => webhook.done().some(({ type }) => type === 'attention.over'));
      expect([ntfy.faults, webhook.faults]).toEqual([[], []]);
    } finally {
      await ntfy.close();
      await webhook.close();
    }
  },
  LIMIT_MS,
);

test(
  'the surface that follows the desktop is told, and says that it was shown',
  async () => {
    await host.connect();
    const shown: string[] = [];
    const gone: string[] = [];
    host.client.notices.on((notice) => {
      if (notice.name === 'desktop.show') {
        shown.push(notice.params.item.id);
        host.client.tell('desktop.shown', { id: notice.params.item.id, problem: null });
      }
      if (notice.name === 'desktop.withdraw') gone.push(...notice.params.ids);
    });
    await host.client.call('desktop.follow', {});
    expect(await host.client.call('notify.test', { place: 'desktop' })).toMatchObject({ ok: true });
    const sessionId = await host.start('demo', 'go on');
    const approval = await host.approval(sessionId);
    await eventually(async () => await Promise.resolve(shown.includes(approval.id) || null));
    await host.allow(approval);
    await eventually(async () => await Promise.resolve(gone.includes(approval.id) || null));
    const { notify } = await host.client.call('notify.state', {});
    expect(notify.allowHosts).toEqual(expect.arrayContaining([service.host]));
    expect(notify.places).toMatchObject([{ place: 'desktop', state: 'on', problem: null }]);
  },
  LIMIT_MS,
);

test(
  'a home whose devices never asked to be told makes no key',
  async () => {
    const it = await phone();
    expect((await it.client.call('push.state', {})).push).toBeNull();
    const files = ['push.json', 'push-key.json'].map((name) => join(host.home.root, name));
    expect(files.map((file) => existsSync(file))).toEqual([false, false]);
  },
  LIMIT_MS,
);
