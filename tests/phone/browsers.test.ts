import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { buildPage } from '../fakes/build-page.ts';
import { PhoneServer } from '../fakes/phone-server.ts';
import { firefoxIsMissing, startFirefox } from './browsers/firefox.ts';
import type { OtherBrowser } from './browsers/other-browser.ts';
import { startWebkit, webkitIsMissing } from './browsers/webkit.ts';

// The other two engines, where they are installed (Debian: firefox-esr, webkit2gtk-driver). What
// runs in Chromium only is the rest of this folder.

const here = dirname(fileURLToPath(import.meta.url));
const app = new PhoneServer();
const storage = new PhoneServer();
let appOrigin: string;
let storageOrigin: string;

beforeAll(async () => {
  await compile(['phone']);
  app.serveBuild(join(here, '..', '..', 'dist', 'renderer', 'phone'));
  storage.files.set('index.html', '<!doctype html><script src="/storage.js"></script>');
  storage.files.set(
    'storage.js',
    await buildPage(join(here, '..', 'fakes', 'phone-page', 'storage-page.ts')),
  );
  appOrigin = await app.start();
  storageOrigin = await storage.start();
});
afterAll(async () => {
  await app.stop();
  await storage.stop();
});

/** The point 9: what comes out is the public key itself. */
const BASE_POINT = `CQ${'A'.repeat(41)}`;
const BROWSERS: readonly (readonly [string, boolean, () => Promise<OtherBrowser>])[] = [
  ['Firefox', firefoxIsMissing, startFirefox],
  ['WebKit', webkitIsMissing, startWebkit],
];

for (const [name, isMissing, start] of BROWSERS)
  test.skipIf(isMissing)(
    `${name}${isMissing ? ' (NOT INSTALLED, so not tested)' : ''}: keys and history outlive a reload, the app opens without a network`,
    async () => {
      const browser = await start();
      try {
        await browser.goto(storageOrigin);
        const keys = (await browser.evaluate('storage.pair("AAAA", "web")')) as { sealing: string };
        await browser.evaluate('storage.startOver(1, 1, 1990)');
        await browser.evaluate('storage.advance(1, 1991, 2005)');
        await browser.reload();
        expect(await browser.evaluate(`storage.use("${BASE_POINT}", "text")`)).toMatchObject({
          shared: keys.sealing,
          psk: 'AAAA',
        });
        expect(await browser.evaluate('storage.count(3)')).toEqual([1_000, 1_001, 1_002]);
        expect(await browser.evaluate('storage.load(1)')).toMatchObject({
          cursor: 2_005,
          count: 1_500,
        });

        app.isAway = false;
        await browser.goto(appOrigin);
        await browser.evaluate('navigator.serviceWorker.ready.then(() => true)');
        app.isAway = true;
        await browser.reload();
        await expect
          .poll(() => browser.evaluate('document.body.innerText'), { timeout: 10_000 })
          .toContain('Pair with your computer');
      } finally {
        await browser.stop();
      }
    },
  );
