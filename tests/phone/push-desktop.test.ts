import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Approval } from '../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { OpenNotification } from '../fakes/notification-daemon.ts';
import { eventually } from '../integration/support/host-under-test.ts';
import {
  startNotifyingDesktop,
  whyNoDesktop,
  type NotifyingDesktop,
} from './support/desktop-browser.ts';
import { PushStage } from './support/push-stage.ts';

// As push-chain.test.ts, in a Chromium with a window: the desktop is asked to show the notification,
// and says where a person clicked.

let desktop: NotifyingDesktop;
let all: PushStage;

interface Asked {
  readonly sessionId: SessionId;
  readonly approval: Approval;
  /** On the desktop. */
  readonly id: number;
  readonly notification: OpenNotification;
}

/** The demo agent asks, and the desktop shows it. */
async function asked(): Promise<Asked> {
  const { host } = all.stage;
  const sessionId = await host.start('demo', 'SCRIPT:approve n=1');
  const approval = await host.approval(sessionId);
  const [id, notification] = await shown(({ buttons, body }) =>
    buttons.has('Allow') && body.includes(approval.title) ? true : null,
  );
  return { sessionId, approval, id, notification };
}

async function shown(
  fits: (one: OpenNotification) => true | null,
): Promise<[number, OpenNotification]> {
  return await eventually(
    async () => [...desktop.daemon.standing].find(([, one]) => fits(one)) ?? null,
  );
}

/** Chromium says in front whose it is. */
const bodyOf = (text: string): string => `${new URL(all.notified.origin).host}\n\n${text}`;

const decisions = async (id: SessionId): Promise<unknown[]> =>
  (await all.stage.host.events(id)).filter(({ type }) => type === 'approval.decided');

const pushed = (approval: Approval): { title: string; body: string } => {
  const found = all.service.taken
    .map(({ payload }) => payload)
    .find((payload) => payload.type === 'show' && payload.approvalId === approval.id);
  if (found?.type !== 'show') throw new Error('No push was taken for it.');
  return { title: found.title, body: found.body };
};

const why = whyNoDesktop();
describe.skipIf(why !== null)(
  `a notification on the desktop${why === null ? '' : ` (${why})`}`,
  () => {
    beforeAll(async () => {
      desktop = await startNotifyingDesktop();
      all = await PushStage.start(desktop.launch);
    });
    afterAll(async () => {
      await all?.stop();
      await desktop?.stop();
    });
    afterEach(() => {
      expect([all.stage.phones.complaints(), all.service.faults]).toEqual([[], []]);
    });

    for (const [button, says, allowed] of [
      ['Allow', (title: string) => `Allowed: ${title}. The agent has it.`, true],
      ['Deny', (title: string) => `Denied: ${title}.`, false],
    ] as const)
      test(`a click on ${button} is decided, and its receipt takes the place of what asked`, async () => {
        const { sessionId, approval, id, notification } = await asked();
        const { title, body } = pushed(approval);
        expect({ ...notification, buttons: [...notification.buttons.keys()] }).toEqual({
          ...{ title, body: bodyOf(body) },
          // The last is the browser's own.
          buttons: ['Allow', 'Deny', 'Settings'],
        });
        desktop.daemon.press(id, button);
        await all.stage.host.turnEnded(sessionId);
        expect(await decisions(sessionId)).toMatchObject([{ allowed, by: 'device:Pixel' }]);
        const receipt = bodyOf(says(approval.title));
        const [place, { buttons }] = await shown((one) => (one.body === receipt ? true : null));
        expect([place, buttons.has('Allow')]).toEqual([id, false]);
      });

    test('a click on the whole opens the app at the session, where none is open', async () => {
      const { context } = all.paired.phone;
      const { sessionId, approval, id } = await asked();
      const opening = context.waitForEvent('page');
      desktop.daemon.click(id);
      const page = await opening;
      await page.locator(`article[data-approval="${approval.id}"]`).waitFor();
      expect([
        await page.evaluate('location.hash'),
        desktop.daemon.open.has(id),
        await decisions(sessionId),
      ]).toEqual([`#/s/${sessionId}`, false, []]);
      await page.close();
      await all.stage.host.allow(approval);
    });

    test('a click on the whole leads an open page there, and it comes to the front', async () => {
      const { context, page } = all.paired.phone;
      await page.goto(`${all.notified.origin}/#/`);
      await all.paired.phone.isHome();
      const before = context.pages().length;
      const worker = await all.notified.worker();
      // Refused where no person has clicked.
      await worker.evaluate(`(() => {
    const { focus } = WindowClient.prototype;
    self.focusing = new Promise((done) => {
      WindowClient.prototype.focus = function () {
        const focused = focus.call(this);
        done(focused.then(() => 'in front', String));
        return focused;
      };
    });
  })()`);
      const { sessionId, approval, id } = await asked();
      desktop.daemon.click(id);
      await page.locator(`article[data-approval="${approval.id}"]`).waitFor();
      expect([
        await page.evaluate('location.hash'),
        await worker.evaluate('self.focusing'),
        context.pages().length,
      ]).toEqual([`#/s/${sessionId}`, 'in front', before]);
    });
  },
);
