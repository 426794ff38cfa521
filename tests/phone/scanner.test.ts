import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { toBuffer } from 'qrcode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { rendezvousIdSchema } from '../../src/protocol/relay.ts';
import { encodeOffer } from '../../src/protocol/offer.ts';
import { launchBrowser } from '../e2e/support/window-browser.ts';
import { PhoneServer } from '../fakes/phone-server.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const server = new PhoneServer();
let folder: string;
let origin: string;
let link: string;
let browser: Browser;
let code: Buffer;

beforeAll(async () => {
  await compile(['phone']);
  server.serveBuild(join(root, 'dist', 'renderer', 'phone'));
  // As the relay has it: only the camera, and only here.
  server.headers['permissions-policy'] = 'camera=(self), autoplay=(), microphone=()';
  origin = await server.start();
  link = `${origin}/#p=${offerFor(origin)}`;
  code = await toBuffer(link, { errorCorrectionLevel: 'M', scale: 4, margin: 4 });
  folder = mkdtempSync(join(tmpdir(), 'porchlight-camera-'));
  const film = join(folder, 'camera.y4m');
  writeFileSync(film, filmOf(PNG.sync.read(code)));
  browser = await launchBrowser([
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${film}`,
  ]);
});
afterAll(async () => {
  await browser?.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const offerFor = (relay: string): string =>
  encodeOffer({
    relay,
    rendezvous: rendezvousIdSchema.parse('A'.repeat(22)),
    hostKey: new Uint8Array(32).fill(7),
    secret: new Uint8Array(32).fill(9),
    expiresAt: 1_900_000_000,
  });

/** What a camera would see: the code, a little dark, in the middle of a grey picture. */
function filmOf(png: PNG): Buffer {
  const [width, height] = [640, 480];
  const luma = Buffer.alloc(width * height, 120);
  const [left, top] = [Math.floor((width - png.width) / 2), Math.floor((height - png.height) / 2)];
  for (let y = 0; y < png.height; y += 1)
    for (let x = 0; x < png.width; x += 1)
      luma[(top + y) * width + left + x] =
        (png.data[(y * png.width + x) * 4] ?? 0) > 127 ? 200 : 50;
  const chroma = Buffer.alloc((width * height) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, chroma]);
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`);
  return Buffer.concat([head, frame, frame]);
}

async function open(init?: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  if (init !== undefined) await page.addInitScript(init);
  await page.goto(origin);
  await page.getByRole('button', { name: 'Scan the code' }).waitFor();
  return page;
}

const wasRead = async (page: Page): Promise<void> =>
  await page.getByRole('heading', { name: 'A code was read' }).waitFor();

test('the camera reads the code off a screen, and is let go', async () => {
  const page = await open();
  await page.getByRole('button', { name: 'Scan the code' }).click();
  await wasRead(page);
  expect(await page.evaluate('document.querySelector("video")')).toBeNull();
  expect(await page.getByLabel('Name of this phone').inputValue()).toBe('Linux, Chrome');
  await page.getByText(new URL(origin).host).waitFor();
});

const CAMERAS: readonly (readonly [string, string, RegExp])[] = [
  ['refused', 'NotAllowedError', /not allowed here/],
  ['missing', 'NotFoundError', /has no camera/],
  ['in use', 'NotReadableError', /Another app/],
];
for (const [what, name, words] of CAMERAS)
  test(`a camera that is ${what} leads to the other ways`, async () => {
    const page = await open(
      `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '${name}'));`,
    );
    await page.getByRole('button', { name: 'Scan the code' }).click();
    await page.getByRole('alert').filter({ hasText: words }).waitFor();
    await page.getByLabel('Link').waitFor();
  });

test('a picture of the code will do, and a link; what is neither says so', async () => {
  const page = await open();
  await page.getByText('No camera, or no luck with it').click();
  const picture = page.getByLabel('Choose a picture of the code');
  const empty = PNG.sync.write(new PNG({ width: 300, height: 300 }));
  await picture.setInputFiles({ name: 'cat.png', mimeType: 'image/png', buffer: empty });
  await page.getByText('no code in that picture').waitFor();
  await picture.setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: Buffer.from('x') });
  await picture.setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: code });
  await wasRead(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('No camera, or no luck with it').click();
  await page.getByLabel('Link').fill('https://example.org/');
  await page.getByRole('button', { name: 'Use this link' }).click();
  await page.getByRole('alert').filter({ hasText: 'no code for pairing' }).waitFor();
  await page.getByLabel('Link').fill(`  ${link} `);
  await page.getByRole('button', { name: 'Use this link' }).click();
  await wasRead(page);
});

test('a computer behind another relay than the page may speak to: the person is told what to do', async () => {
  const page = await open();
  await page.getByText('No camera, or no luck with it').click();
  await page
    .getByLabel('Link')
    .fill(link.replace(/#p=.*/, `#p=${offerFor('http://127.0.0.1:47123')}`));
  await page.getByRole('button', { name: 'Use this link' }).click();
  await page.getByRole('button', { name: 'Pair', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'may not speak to 127.0.0.1:47123' }).waitFor();
});

test('an iPhone is asked to install first, since Safari and the app share no storage', async () => {
  const context = await browser.newContext({
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('heading', { name: /on the home screen/ }).waitFor();
  await page.getByText('was not used').waitFor();
  await page.getByRole('button', { name: 'Pair in Safari anyway' }).click();
  await wasRead(page);
  expect(await page.getByLabel('Name of this phone').inputValue()).toBe('iPhone, Safari');
});
