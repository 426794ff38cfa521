import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { dist, eventually } from '../integration/support/host-under-test.ts';
import { PushService } from '../support/push-service.ts';
import { subscribeAt } from './support/browser-push.ts';
import { NotifiedPhone, type Standing } from './support/notified-phone.ts';
import { PhoneStage, type PairedPhone } from './support/phone-stage.ts';

// From the agent's question through host, push service and browser to a tap, and back to the agent.

let service: PushService;
let stage: PhoneStage;
let paired: PairedPhone;
let notified: NotifiedPhone;

beforeAll(async () => {
  service = await PushService.start();
  stage = await PhoneStage.start({
    notify: { allowHosts: [service.host], seenSec: 5 },
    agents: {
      demo: {
        command: process.execPath,
        args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
      },
    },
  });
  paired = await stage.pair('operator', 'Pixel');
  notified = await NotifiedPhone.of(paired.phone);
  await subscribeAt(service, notified);
  await paired.phone.page.goto('about:blank');
  await paired.phone.page.goto(`${notified.origin}/#/`);
  await paired.phone.isHome();
  await paired.phone.page.getByRole('button', { name: 'Turn on', exact: true }).tap();
  await eventually(async () => ((await pushState())?.state === 'on' ? true : null));
  await paired.phone.page.goto('about:blank');
});
afterAll(async () => {
  await stage?.stop();
  await service?.close();
});
afterEach(() => {
  expect([stage.phones.complaints(), service.faults]).toEqual([[], []]);
});

const pushState = async () => {
  const { devices } = await stage.host.client.call('devices.list', {});
  return devices.find(({ id }) => id === paired.device)?.push ?? null;
};

const decisions = async (id: SessionId): Promise<unknown[]> =>
  (await stage.host.events(id)).filter(({ type }) => type === 'approval.decided');

test('an agent that asks is answered from the notification, and goes on', async () => {
  const sessionId = await stage.host.start('demo', 'SCRIPT:approve n=1');
  const approval = await stage.host.approval(sessionId);
  const standing = await notified.until(
    (all) => all.find(({ tag }) => tag === approval.id) ?? null,
  );
  expect(standing.actions).toEqual(['allow', 'deny']);
  expect(standing.body).toContain(approval.title);
  await notified.tap(approval.id, 'allow');
  await stage.host.turnEnded(sessionId);
  expect(await decisions(sessionId)).toMatchObject([{ allowed: true, by: 'device:Pixel' }]);
  // The withdrawal of what was decided here leaves the receipt.
  await eventually(async () =>
    service.taken.some(
      ({ payload }) => payload.type === 'withdraw' && payload.tags.includes(approval.id),
    )
      ? true
      : null,
  );
  await notified.untilBody(/^Allowed: .* The agent has it\.$/);
});

test('what is decided in the window asks no more on the phone', async () => {
  const sessionId = await stage.host.start('demo', 'SCRIPT:approve n=1');
  const approval = await stage.host.approval(sessionId);
  await notified.until((all) => all.find(({ tag }) => tag === approval.id) ?? null);
  await stage.host.allow(approval);
  await notified.until((all) => (all.some(({ tag }) => tag === approval.id) ? null : true));
  expect(await decisions(sessionId)).toMatchObject([{ allowed: true, by: 'test' }]);
});

test('a subscription that the browser lost is renewed by the next page that connects', async () => {
  const before = await pushState();
  const to = service.taken.at(-1)?.to;
  const { page } = paired.phone;
  await page.goto(`${notified.origin}/#/`);
  await paired.phone.isHome();
  await page.evaluate(`localStorage.removeItem('test.subscription')`);
  await page.reload();
  await paired.phone.isHome();
  await eventually(async () => ((await pushState())?.since === before?.since ? null : true));
  await page.goto('about:blank');
  const sessionId = await stage.host.start('demo', 'SCRIPT:approve n=1');
  const approval = await stage.host.approval(sessionId);
  // With what was told just before it may be one of a digest.
  const asks = ({ tag, body }: Standing): boolean =>
    tag === approval.id || (tag.startsWith('digest:') && body.includes(approval.title));
  await notified.until((all) => all.find(asks) ?? null);
  expect(service.taken.at(-1)?.to).not.toBe(to);
});
