import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../integration/support/host-under-test.ts';
import type { Phone } from './support/phone.ts';
import { PhoneStage } from './support/phone-stage.ts';

let stage: PhoneStage;

beforeAll(async () => {
  stage = await PhoneStage.start();
});
afterAll(async () => await stage?.stop());
afterEach(async () => {
  const complaints = stage.phones.complaints();
  await stage.phones.closeAll();
  expect(complaints).toEqual([]);
});

const state = async () => (await stage.host.client.call('pair.follow', {})).state;
const ended = async () =>
  await eventually(async () => {
    const now = await state();
    return now.phase === 'ended' ? now : null;
  });
const devices = async (): Promise<string[]> =>
  (await stage.host.client.call('devices.list', {})).devices.map(({ name }) => name);
const failed = async (phone: Phone): Promise<string> => {
  await phone.page.getByRole('heading', { name: 'Not paired' }).waitFor();
  return await phone.page.getByRole('alert').first().innerText();
};

test('other digits given at the host pair nothing, and both sides say so', async () => {
  const phone = await stage.phones.scan((await stage.offer()).url);
  await phone.startPairing();
  const { digits } = await stage.candidate();
  expect(await phone.digits()).toBe(digits);
  const wrong = String((Number(digits) + 1) % 1_000_000).padStart(6, '0');
  await expect(stage.host.client.call('pair.confirm', { digits: wrong })).rejects.toThrow(/digits/);
  expect(await ended()).toMatchObject({ why: 'mismatch' });
  expect(await failed(phone)).toContain('nothing was paired');
  await phone.screenshot('pairing-wrong-digits');
  expect(await devices()).toEqual([]);
});

test('digits that are said to differ on the phone pair nothing, and cannot be confirmed any more', async () => {
  const phone = await stage.phones.scan((await stage.offer()).url);
  await phone.startPairing();
  const { digits } = await stage.candidate();
  await phone.page.getByRole('button', { name: 'They differ' }).tap();
  expect(await failed(phone)).toContain('Nothing was paired');
  expect(await ended()).toMatchObject({ why: 'mismatch' });
  await expect(stage.host.client.call('pair.confirm', { digits })).rejects.toThrow();
  expect(await devices()).toEqual([]);
});

test('the link leaves the address bar at once, and a photo of the code is worth nothing after its use', async () => {
  const { url } = await stage.offer('viewer');
  const phone = await stage.phones.scan(url);
  expect(phone.page.url()).not.toContain('#p=');
  await phone.startPairing('The first one');
  const { digits, name } = await stage.candidate();
  expect([name, await phone.digits()]).toEqual(['The first one', digits]);
  await phone.screenshot('pairing-digits');
  await stage.host.client.call('pair.confirm', { digits, role: 'viewer' });
  await phone.isHome();
  expect(await devices()).toEqual(['The first one']);

  const thief = await stage.phones.scan(url);
  await thief.startPairing('The thief');
  expect(await failed(thief)).toMatch(/code/);
  await thief.screenshot('pairing-used-code');
  expect([await devices(), (await state()).phase]).toEqual([['The first one'], 'paired']);
});

test('of two offers only the newer one counts; whoever had the older is told', async () => {
  const old = await stage.offer();
  const phone = await stage.phones.scan(old.url);
  await phone.startPairing();
  await stage.candidate();
  const { url } = await stage.offer();
  expect(await failed(phone)).toContain('another code');
  const late = await stage.phones.scan(old.url);
  await late.startPairing();
  expect(await failed(late)).toMatch(/code/);
  const other = await stage.phones.scan(url);
  await other.startPairing('The second one');
  const { digits } = await stage.candidate();
  await stage.host.client.call('pair.confirm', { digits, role: 'approver' });
  await other.isHome();
  expect(await devices()).toContain('The second one');
});

test('a code that is no whole one says so, and the phone can be given another', async () => {
  const { url } = await stage.offer();
  const phone = await stage.phones.scan(url.slice(0, -60));
  await phone.sees(/damaged or cut off/);
  await phone.page.getByText('No camera, or no luck with it').tap();
  await phone.page.getByLabel('Link').fill(url);
  await phone.page.getByRole('button', { name: 'Use this link' }).tap();
  await phone.startPairing();
  await stage.candidate();
  await stage.host.client.call('pair.refuse', {});
  expect(await failed(phone)).toContain('refused');
});
