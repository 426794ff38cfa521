import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Approval } from '../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { PushPayload } from '../../src/protocol/push.ts';
import { NotifiedPhone, type Standing } from './support/notified-phone.ts';
import { PhoneStage } from './support/phone-stage.ts';

let stage: PhoneStage;
let notified: NotifiedPhone;
let round = 0;

beforeAll(async () => {
  stage = await PhoneStage.start();
  const { phone } = await stage.pair('operator', 'Pixel');
  notified = await NotifiedPhone.of(phone);
});
afterAll(async () => await stage?.stop());
afterEach(async () => {
  expect(stage.phones.complaints()).toEqual([]);
});

interface Asking {
  readonly sessionId: SessionId;
  readonly approval: Approval;
  readonly tag: string;
}

/** The demo agent asks, and the phone is told so. */
async function asked(
  change: Partial<Extract<PushPayload, { type: 'show' }>> = {},
): Promise<Asking> {
  const sessionId = await stage.host.start('demo', 'SCRIPT:approve n=1');
  const approval = await stage.host.approval(sessionId);
  await notified.push(showing(sessionId, approval, change));
  const tag = change.tag ?? approval.id;
  await notified.until((all) => all.find((one) => one.tag === tag) ?? null);
  return { sessionId, approval, tag };
}

function showing(
  sessionId: SessionId,
  approval: Approval,
  change: Partial<Extract<PushPayload, { type: 'show' }>> = {},
): PushPayload {
  return {
    type: 'show',
    v: 1,
    host: notified.hostId,
    badge: 1,
    tag: approval.id,
    round: (round += 1),
    kind: 'decision',
    title: 'Shop',
    body: approval.title,
    at: new Date().toISOString(),
    sessionId,
    approvalId: approval.id,
    hash: approval.hash,
    loud: false,
    ...change,
  };
}

const decisions = async (id: SessionId): Promise<unknown[]> =>
  (await stage.host.events(id)).filter(({ type }) => type === 'approval.decided');

/** Whatever stood there from the test before. */
async function cleared(): Promise<void> {
  await notified.clear();
}

const about = (tag: string) => (all: Standing[]) => all.find((one) => one.tag === tag) ?? null;

describe('with no page of the app open', () => {
  beforeAll(async () => void (await notified.phone.page.goto('about:blank')));
  beforeEach(cleared);

  test('what is pushed stands there, with its pictures and two buttons', async () => {
    const { tag, approval } = await asked();
    expect(await notified.standing()).toEqual([
      { tag, title: 'Shop', body: approval.title, silent: false, actions: ['allow', 'deny'] },
    ]);
    const worker = await notified.worker();
    expect(
      await worker.evaluate(
        `registration.getNotifications().then(([one]) => [one.icon, one.badge].map((url) => url.slice(0, 21)))`,
      ),
    ).toEqual(['data:image/png;base64', 'data:image/png;base64']);
  });

  test('Allow is decided over a channel of its own, the agent has it, and the receipt says so', async () => {
    const { tag, approval, sessionId } = await asked();
    await notified.tap(tag, 'allow');
    expect((await notified.untilBody(/^Allowed/)).body).toBe(
      `Allowed: ${approval.title}. The agent has it.`,
    );
    await stage.host.turnEnded(sessionId);
    expect(await decisions(sessionId)).toMatchObject([{ allowed: true, by: 'device:Pixel' }]);
  });

  test('Deny is decided too, and a receipt has no buttons and makes no sound', async () => {
    const { tag, approval, sessionId } = await asked();
    await notified.tap(tag, 'deny');
    expect(await notified.untilBody(/^Denied/)).toEqual({
      ...{ tag, title: 'Shop', body: `Denied: ${approval.title}.`, silent: true, actions: [] },
    });
    expect(await decisions(sessionId)).toMatchObject([{ allowed: false }]);
  });

  test('tapped twice it is decided once, and the receipt is that of the decision', async () => {
    const { tag, sessionId } = await asked();
    await notified.tap(tag, 'allow', 2);
    await notified.untilBody(/^Allowed: .* The agent has it\.$/);
    expect(await decisions(sessionId)).toHaveLength(1);
  });

  test('what was decided elsewhere first says where, and is not decided again', async () => {
    const { tag, approval, sessionId } = await asked();
    await stage.host.allow(approval);
    await stage.host.turnEnded(sessionId);
    await notified.tap(tag, 'deny');
    await notified.untilBody('Already allowed on test.');
    expect(await decisions(sessionId)).toMatchObject([{ allowed: true }]);
  });

  test('another call than the one that was shown is not decided: it leads to the card', async () => {
    const { tag, sessionId } = await asked({ hash: 'f'.repeat(64) });
    await notified.tap(tag, 'allow');
    await notified.untilBody('It asks for something else by now. Tap to open.');
    expect(await decisions(sessionId)).toEqual([]);
  });

  test('without a network it says that nothing was decided, and the approval stays open', async () => {
    const { tag, approval, sessionId } = await asked();
    stage.phones.network.cut();
    try {
      await notified.begin(tag, 'allow');
      await notified.untilBody('Allowing…');
      await notified.untilBody('Not decided: no connection to your computer. Tap to open.', 40_000);
    } finally {
      stage.phones.network.mend();
    }
    expect(await decisions(sessionId)).toEqual([]);
    expect((await stage.host.approval(sessionId)).id).toBe(approval.id);
  });

  test('a network that breaks and comes back while it is decided costs time, and no second decision', async () => {
    const { tag, sessionId } = await asked();
    stage.phones.network.cut();
    await notified.begin(tag, 'allow');
    await notified.untilBody('Allowing…');
    stage.phones.network.mend();
    await notified.untilBody(/^Allowed: .* The agent has it\.$/);
    expect(await decisions(sessionId)).toHaveLength(1);
  });

  test('a worker that is ended half-way leaves nothing that says for ever that it works', async () => {
    const { tag, approval, sessionId } = await asked();
    stage.phones.network.cut();
    await notified.begin(tag, 'allow');
    await notified.untilBody('Allowing…');
    await notified.kill();
    stage.phones.network.mend();
    // The host goes on telling what is open: the buttons are back.
    await notified.push(showing(sessionId, approval));
    await notified.until((all) => (about(tag)(all)?.actions.length === 2 ? true : null));
    await notified.tap(tag, 'allow');
    await notified.untilBody(/^Allowed: .* The agent has it\.$/);
    expect(await decisions(sessionId)).toHaveLength(1);
  });

  test('what an ended worker was doing is settled by the next push, whatever that is', async () => {
    const { tag } = await asked();
    const worker = await notified.worker();
    await worker.evaluate(`registration.showNotification('Shop', { body: 'Allowing…', tag: '${tag}',
      data: { host: null, tag: '${tag}', workingSinceMs: Date.now() - 31_000 } })`);
    await notified.kill();
    await notified.push('{}');
    await notified.untilBody(
      'It is not known whether your computer has the decision. Tap to open.',
    );
  });

  test('withdrawn, it says why in passing and is gone; late questions about it are not asked', async () => {
    const { tag, approval, sessionId } = await asked();
    const other = await asked();
    await stage.host.allow(approval);
    const head = { v: 1 as const, host: notified.hostId, badge: 1 };
    const words = 'Allowed in the window.';
    await notified.push({ type: 'withdraw', ...head, tags: [tag], words });
    await notified.untilBody(words);
    await notified.until((all) => (about(tag)(all) === null ? true : null));
    await notified.push(showing(sessionId, approval));
    await notified.untilBody('Decided before this arrived.');
    await notified.until((all) =>
      about(tag)(all) === null && about(other.tag)(all)?.actions.length === 2 ? true : null,
    );
  });

  test('the same telling twice is shown once, though it was put away', async () => {
    const { tag, sessionId, approval } = await asked();
    await cleared();
    await notified.push(showing(sessionId, approval, { round }));
    await notified.push('{}');
    await notified.untilBody('Something asks for you. Open Porchlight.');
    expect((await notified.standing()).map((one) => one.tag)).toEqual(['porchlight']);
    await notified.push(showing(sessionId, approval));
    await notified.until(about(tag));
  });

  test('a silent host is told of with its last sign of life, unless this phone has heard more', async () => {
    const note = {
      ...{ type: 'silence' as const, v: 1 as const, host: notified.hostId, badge: 0 },
      ...{ tag: 'silence', hostName: 'desk', working: 2 },
    };
    // This phone has just decided something there.
    const longAgo = new Date(Date.now() - 7_200_000).toISOString();
    await notified.push({ ...note, round: (round += 1), writtenAt: longAgo });
    await notified.untilBody(/^Its relay had lost it\. This phone has heard of desk since, at /);
    const justNow = new Date().toISOString();
    await notified.push({ ...note, round: (round += 1), writtenAt: justNow });
    await notified.untilBody(/^desk has not been heard of since .*; 2 sessions were working\.$/);
  });
});

describe('a push that is not what it should be', () => {
  beforeAll(async () => void (await notified.phone.page.goto('about:blank')));
  beforeEach(cleared);
  const fine = (): Partial<PushPayload> => ({
    ...{ type: 'show', v: 1, host: notified.hostId, badge: 1, tag: 't', round: (round += 1) },
    ...{ kind: 'decision', title: 'T', body: 'B', at: new Date().toISOString(), loud: false },
  });
  const hostile: Record<string, () => string> = {
    'is empty': () => '',
    'is no JSON': () => '{"type":"show",',
    'is bytes of nobody': () => '\u0000\u0001\ufffd'.repeat(50),
    'is of another version': () => JSON.stringify({ ...fine(), v: 2 }),
    'is of an unknown type': () => JSON.stringify({ ...fine(), type: 'nuke' }),
    'has a field of another kind': () => JSON.stringify({ ...fine(), title: { evil: true } }),
    'is of a host that is not paired': () => JSON.stringify({ ...fine(), host: 'A'.repeat(43) }),
    'is huge': () => JSON.stringify({ ...fine(), body: 'x'.repeat(1_000_000) }),
  };
  for (const [what, make] of Object.entries(hostile))
    test(`${what} shows that something asks, and nothing of it`, async () => {
      await notified.push(make());
      await notified.untilBody('Something asks for you. Open Porchlight.');
      expect((await notified.standing()).map((one) => one.title)).toEqual(['Porchlight']);
    });
});

describe('with the app open', () => {
  beforeAll(async () => {
    // The pairing was where it was last.
    await notified.phone.page.goto(`${notified.origin}/#/`);
    await notified.phone.isHome();
  });
  beforeEach(cleared);

  test('a tap on a notification leads the page to the session', async () => {
    const { page } = notified.phone;
    const { tag, approval } = await asked();
    await notified.tap(tag);
    await notified.phone.card(approval.title).waitFor();
    expect(await page.evaluate('location.hash')).toBe(`#/s/${approval.sessionId}`);
    expect(await notified.standing()).toEqual([]);
    await notified.phone.goHome();
  });

  test('the worker decides beside a page that connects again and again, and both go on', async () => {
    const { page } = notified.phone;
    for (let i = 0; i < 3; i += 1) {
      const { tag, sessionId } = await asked();
      await Promise.all([notified.tap(tag, 'allow'), page.reload()]);
      await notified.untilBody(/^Allowed: .* The agent has it\.$/);
      await stage.host.turnEnded(sessionId);
      expect(await decisions(sessionId)).toHaveLength(1);
      await page.getByText('Connected to').waitFor();
      await cleared();
    }
  });

  test('the worker of a second host shows its pushes, and keeps no files of the app', async () => {
    const { page } = notified.phone;
    const below = `push/${notified.hostId}/`;
    await page.evaluate(`navigator.serviceWorker.register('./sw.js', { scope: './${below}' })`);
    const { sessionId, approval } = await asked();
    const cached = await page.evaluate('caches.keys()');
    await notified.push(showing(sessionId, approval, { tag: 'second' }), `/${below}`);
    const tags = `navigator.serviceWorker.getRegistration('./${below}')
      .then((own) => own.getNotifications()).then((all) => all.map(({ tag }) => tag))`;
    await expect
      .poll(async () => await page.evaluate(tags), { timeout: 10_000 })
      .toEqual(['second']);
    expect([
      await page.evaluate('caches.keys()'),
      await page.evaluate(`navigator.serviceWorker.controller.scriptURL`),
    ]).toEqual([cached, `${notified.origin}/sw.js`]);
    await page.evaluate(
      `navigator.serviceWorker.getRegistration('./${below}').then((own) => own.unregister())`,
    );
  });

  test('an address of one host’s place is where the app opens', async () => {
    const { page } = notified.phone;
    const { approval } = await asked();
    await page.goto('about:blank');
    await page.goto(`${notified.origin}/#/at/${notified.hostId}/s/${approval.sessionId}`);
    await notified.phone.card(approval.title).waitFor();
    expect(await page.evaluate('location.hash')).toBe(`#/s/${approval.sessionId}`);
  });
});
