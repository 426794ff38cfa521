import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Phone } from './support/phone.ts';
import { PhoneStage } from './support/phone-stage.ts';

let stage: PhoneStage;
let phone: Phone;
beforeAll(async () => {
  stage = await PhoneStage.start();
  ({ phone } = await stage.pair('operator', 'Its phone'));
});
afterAll(async () => {
  await stage?.stop();
});

test('each leg of the way is asked of the real host; stopped by hand it says so on its phone, also over a reload', async () => {
  const { page } = phone;
  await stage.session(phone, 'Seen from afar');
  await page.evaluate(`location.hash = '#/reach'`);
  await page.locator('.leg', { hasText: 'Seen from afar' }).waitFor();
  await page.getByText(/^Asked /).waitFor();
  const legs = page.locator('.leg');
  expect(await legs.locator('.leg-name').allInnerTexts()).toEqual(
    expect.arrayContaining(['This phone', 'Relay', 'Note of silence', 'Start-up service']),
  );
  expect(await legs.filter({ hasText: 'Its phone' }).count()).toBe(0);
  await phone.screenshot('reach-real');

  // The answer may be lost with the host.
  await stage.host.client.call('host.stop', { all: true }).catch(() => {});
  const banner = page.locator('.link-broken');
  await banner.getByText(/^It was stopped by hand/).waitFor();
  await page.getByText(/^It was stopped by hand at .* Nothing starts it by itself\.$/).waitFor();
  await page.getByText('porchlight host start', { exact: true }).waitFor();
  await page
    .getByText(/^As it was /)
    .first()
    .waitFor();
  await phone.screenshot('stopped-real');
  await page.reload();
  await page.getByText(/^It was stopped by hand at .* Nothing starts it by itself\.$/).waitFor();
  expect(phone.complaints).toEqual([]);
});
