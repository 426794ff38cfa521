import { expect, test } from 'vitest';
import { defaultDeviceName } from '../../../../../renderer/phone/pairing/device-name.ts';

const ANDROID = 'Mozilla/5.0 (Linux; Android';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test('a phone is called by its model and browser, in words people use', () => {
  const names = [
    `${ANDROID} 10; K) ${CHROME} Chrome/131.0.0.0 Mobile Safari/537.36`,
    `${ANDROID} 15; Pixel 9) ${CHROME} Chrome/131.0.0.0 Mobile Safari/537.36`,
    `${ANDROID} 14; SM-S921B Build/UP1A) ${CHROME} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`,
    'Mozilla/5.0 (Android 15; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0',
    '',
  ].map((userAgent) => defaultDeviceName(userAgent));
  expect(names).toEqual([
    'Android phone, Chrome',
    'Pixel 9, Chrome',
    'SM-S921B, Samsung Internet',
    'Android phone, Firefox',
    'iPhone, Safari',
    'iPhone, Chrome',
    'Windows, Edge',
    'Phone',
  ]);
});

test('an iPad says that it is a Mac, and is known by its fingers', () => {
  const mac =
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15';
  expect([defaultDeviceName(mac, 5), defaultDeviceName(mac, 0)]).toEqual([
    'iPad, Safari',
    'Mac, Safari',
  ]);
});
