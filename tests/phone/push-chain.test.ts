import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { eventually } from '../integration/support/host-under-test.ts';
import type { PushService } from '../support/push-service.ts';
import type { NotifiedPhone } from './support/notified-phone.ts';
import type { PairedPhone, PhoneStage } from './support/phone-stage.ts';
import { PushStage } from './support/push-stage.ts';

// From the agent's question through host, push service and browser to a tap, and back to the agent.
// That the system shows it and that it is really clicked: push-desktop.test.ts.

let all: PushStage;
let service: PushService;
let stage: PhoneStage;
let paired: PairedPhone;
let notified: NotifiedPhone;

beforeAll(async () => {
  all = await PushStage.start();
  ({ service, stage, paired, notified } = all);
});
afterAll(async () => await all?.stop());
afterEach(() => {
  expect([stage.phones.complaints(), service.faults]).toEqual([[], []]);
});

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

test('a subscription that the browser changes is renewed by the worker, with no page open', async () => {
  const before = await all.pushState();
  const subscription = service.subscribe();
  await notified.changeSubscription(subscription);
  expect((await all.pushState())?.since).not.toBe(before?.since);
  const sessionId = await stage.host.start('demo', 'SCRIPT:approve n=1');
  const approval = await stage.host.approval(sessionId);
  await eventually(async () =>
    service.takenBy(subscription).some((push) => push.type === 'show' && push.tag === approval.id)
      ? true
      : null,
  );
  await stage.host.allow(approval);
});

test('with no room left on the phone it is told all the same, and nothing is decided half', async () => {
  const sessionId = await stage.host.start('demo', 'SCRIPT:approve n=1');
  await notified.withFullStorage(async () => {
    const approval = await stage.host.approval(sessionId);
    const standing = await notified.until(
      (shown) => shown.find(({ tag }) => tag === approval.id) ?? null,
    );
    expect(standing.actions).toEqual(['allow', 'deny']);
    expect(standing.body).toContain(approval.title);
    await notified.tap(approval.id, 'allow');
    await notified.untilBody('Not decided: the storage of this phone is full. Tap to open.');
    expect(await decisions(sessionId)).toEqual([]);
  });
  const approval = await stage.host.approval(sessionId);
  await stage.host.allow(approval);
  await stage.host.turnEnded(sessionId);
});

test('a subscription that the browser lost is renewed by the next page that connects', async () => {
  const before = await all.pushState();
  const to = service.taken.at(-1)?.to;
  const { page } = paired.phone;
  await page.goto(`${notified.origin}/#/`);
  await paired.phone.isHome();
  await page.evaluate(`localStorage.removeItem('test.subscription')`);
  await page.reload();
  await paired.phone.isHome();
  await eventually(async () => ((await all.pushState())?.since === before?.since ? null : true));
  await page.goto('about:blank');
  const sessionId = await stage.host.start('demo', 'SCRIPT:approve n=1');
  const approval = await stage.host.approval(sessionId);
  await notified.until((shown) => shown.find(({ tag }) => tag === approval.id) ?? null);
  expect(service.taken.at(-1)?.to).not.toBe(to);
});
