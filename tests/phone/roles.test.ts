import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { Role } from '../../src/protocol/devices.ts';
import type { EventBody } from '../../src/protocol/session/events.ts';
import { eventually, newCommandId } from '../integration/support/host-under-test.ts';
import { PhoneStage, type PairedPhone } from './support/phone-stage.ts';

/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

let stage: PhoneStage;

beforeAll(async () => {
  stage = await PhoneStage.start();
});
afterAll(async () => await stage?.stop());
afterEach(async () => {
  const complaints = stage.phones.complaints();
  expect(complaints).toEqual([]);
});

/** Pairs once in each role; the tests of a role share the phone. */
function phoneAs(role: Role): () => PairedPhone {
  let paired: PairedPhone | undefined;
  beforeAll(async () => {
    paired = await stage.pair(role, `Its ${role}`);
  });
  return () => {
    if (paired === undefined) throw new Error(`No ${role} is paired.`);
    return paired;
  };
}

async function facts<T extends EventBody['type']>(
  id: SessionId,
  type: T,
): Promise<Extract<EventBody, { type: T }>[]> {
  const events = await stage.host.events(id);
  return events.filter((event): event is Extract<typeof event, { type: T }> => event.type === type);
}

describe('a viewer', () => {
  const own = phoneAs('viewer');

  test('sees what is asked and said, and can answer or write nothing', async () => {
    const { phone } = own();
    const id = await stage.session(phone, 'Look only', 'approve n=1');
    await phone.card().waitFor();
    await phone.sees('This phone may only look');
    await phone.screenshot('viewer');
    expect(await phone.page.locator('#composer').count()).toBe(0);
    expect(await phone.card().getByRole('button', { name: 'Allow', exact: true }).count()).toBe(0);
    await stage.host.allow(await stage.host.approval(id));
    await stage.host.turnEnded(id);
    await phone.card().waitFor({ state: 'detached' });
    await phone.goHome();
    expect(await phone.page.getByRole('button', { name: 'New session' }).count()).toBe(0);
  });

  test('that is made an approver may decide from then on, without being paired again', async () => {
    const { phone, device } = own();
    const id = await stage.session(phone, 'Grown', 'approve n=1');
    await phone.card().waitFor();
    await stage.host.client.call('devices.setRole', { device, role: 'approver' });
    await phone.card().getByRole('button', { name: 'Allow', exact: true }).waitFor();
    await phone.decide('Allow');
    await stage.host.turnEnded(id);
    expect(await facts(id, 'approval.decided')).toMatchObject([{ allowed: true }]);
  });
});

describe('an approver', () => {
  const own = phoneAs('approver');

  test('allows what waits, from the first screen, and the history says who did', async () => {
    const { phone } = own();
    const id = await stage.host.start('demo', 'SCRIPT:shell cmd=echo lit > lamp.txt');
    await phone.goHome();
    await phone.card('lamp.txt').waitFor();
    await phone.screenshot('approver-home');
    await phone.decide('Allow', 'lamp.txt');
    await stage.host.turnEnded(id);
    expect(readFileSync(join(stage.host.workspace, 'lamp.txt'), 'utf8')).toBe('lit\n');
    const [decided] = await facts(id, 'approval.decided');
    expect(decided).toMatchObject({ allowed: true, by: expect.stringContaining('Its approver') });
  });

  test('denies with a reason, which the agent is told', async () => {
    const { phone } = own();
    const id = await stage.session(phone, 'Denied', 'shell cmd=echo no > denied.txt');
    await phone.card('denied.txt').waitFor();
    await phone.card().getByRole('button', { name: 'More…' }).tap();
    await phone.card().getByRole('button', { name: 'Deny with a reason…' }).tap();
    const reason = phone.card().getByLabel('Reason, sent to the agent');
    await reason.fill('use “pnpm”, please');
    await phone.decide('Deny and tell it');
    // It is a prompt like any other: what the demo agent makes of it does not matter here.
    await stage.host.until(id, ({ turn }) => turn?.turn === 2);
    await stage.host.client.call('session.cancel', { sessionId: id, commandId: newCommandId() });
    expect(existsSync(join(stage.host.workspace, 'denied.txt'))).toBe(false);
    expect(await facts(id, 'approval.decided')).toMatchObject([
      { allowed: false, reason: 'use “pnpm”, please' },
    ]);
    const prompts = await facts(id, 'prompt.queued');
    expect(JSON.stringify(prompts.at(-1)?.prompt)).toContain('use “pnpm”, please');
  });

  test('answers a question', async () => {
    const { phone } = own();
    const id = await stage.session(phone, 'Asked', 'question');
    await phone.card().waitFor();
    await phone.card().getByRole('radio').first().check();
    await phone.screenshot('question');
    await phone.decide('Answer');
    await stage.host.turnEnded(id);
    expect(await facts(id, 'approval.decided')).toMatchObject([{ allowed: true }]);
  });

  test('may decide and not write', async () => {
    const { phone } = own();
    await stage.session(phone, 'Not to write');
    await phone.sees('This phone may decide, not write');
    expect(await phone.page.locator('#composer').count()).toBe(0);
  });
});

describe('an operator', () => {
  const own = phoneAs('operator');

  test('prompts, and stops a turn in the middle', async () => {
    const { phone } = own();
    const id = await stage.session(phone, 'Talk');
    await phone.send('SCRIPT:stream n=100000 rate=50');
    await stage.host.until(id, ({ state }) => state === 'working');
    await phone.page.getByRole('button', { name: 'Stop', exact: true }).tap();
    const { turn } = await stage.host.turnEnded(id);
    expect(turn?.outcome).toBe('cancelled');
  });

  test('sends a picture from its files', async () => {
    const { phone } = own();
    const id = await stage.session(phone, 'Picture');
    await phone.page
      .locator('.box input[type="file"]')
      .setInputFiles({ name: 'porch.png', mimeType: 'image/png', buffer: PNG });
    await phone.page.locator('.box img').first().waitFor();
    await phone.send('SCRIPT:image');
    await stage.host.turnEnded(id);
    const [queued] = await facts(id, 'prompt.queued');
    expect(queued?.prompt.map(({ type }) => type).toSorted()).toEqual(['image', 'text']);
    await phone.screenshot('picture');
  });

  test('starts a session where one was before or the owner allows it, and nowhere else', async () => {
    const { phone } = own();
    const roots = join(stage.host.folder, 'allowed');
    mkdirSync(join(roots, 'garden'), { recursive: true });
    stage.host.writeConfig({ devices: { roots: [roots] } });
    await phone.goHome();
    await phone.page.getByRole('button', { name: 'New session' }).tap();
    await phone.page.getByRole('button', { name: roots }).first().waitFor();
    await phone.screenshot('new-session');
    await phone.page.getByRole('button', { name: roots }).first().tap();
    await phone.page.getByRole('button', { name: 'garden' }).first().tap();
    await phone.page.getByRole('button', { name: 'Use this folder' }).first().tap();
    await phone.page.getByRole('radio', { name: /demo/i }).check();
    await phone.page.getByLabel('First message').fill('SCRIPT:edit path=seed.txt text=grown');
    await phone.page.locator('.foot-main').tap();
    await phone.page.locator('#transcript').waitFor();
    await phone.decide('Allow', 'seed.txt');
    const seed = join(roots, 'garden', 'seed.txt');
    await eventually(async () => (existsSync(seed) ? true : null));
  });
});
