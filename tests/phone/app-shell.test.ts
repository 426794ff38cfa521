import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { compile } from '../../build/compile.mjs';
import { launchBrowser } from '../e2e/support/window-browser.ts';
import { PhoneServer } from '../fakes/phone-server.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const built = join(root, 'dist', 'renderer', 'phone');
const FIRST_SCREEN = 'Pair with your computer';
let server: PhoneServer;
let origin: string;
let browser: Browser;
let context: BrowserContext;
let complaints: string[];

beforeAll(async () => {
  await compile(['phone']);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
});
beforeEach(async () => {
  server = new PhoneServer();
  server.serveBuild(built);
  origin = await server.start();
  context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  complaints = [];
});
afterEach(async () => {
  await context.close();
  await server.stop();
});

async function open(path = '/'): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(origin + path);
  return page;
}

/** An expected navigation may come between. */
const titleOf = async (page: Page): Promise<string> => await page.title().catch(() => '');
const WAIT = { timeout: 10_000 };
const firstScreen = async (page: Page): Promise<void> =>
  await page.getByRole('heading', { name: FIRST_SCREEN }).waitFor();
/** All files are on the phone. */
const installed = async (page: Page): Promise<void> =>
  void (await page.evaluate('navigator.serviceWorker.ready.then(() => true)'));

test('the page runs under a strict policy without a complaint, and opens without a network', async () => {
  const page = await open();
  await firstScreen(page);
  await installed(page);
  expect(complaints).toEqual([]);
  server.isAway = true;
  await page.reload();
  await firstScreen(page);
  const second = await context.newPage();
  await second.goto(`${origin}/index.html`);
  await firstScreen(second);
  expect(complaints).toEqual([]);
});

test('the secret of a link is out of the address before anything else is loaded', async () => {
  const page = await context.newPage();
  let release: () => void = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const asked: string[] = [];
  await page.route('**/*', async (route) => {
    const { url } = { url: route.request().url() };
    asked.push(`${url} ${route.request().headers().referer ?? ''}`);
    if (url.includes('/assets/')) await held;
    await route.continue();
  });
  const going = page.goto(`${origin}/#p=c2VjcmV0`, { waitUntil: 'commit' });
  await going;
  await expect.poll(() => page.evaluate('document.body !== null'), WAIT).toBe(true);
  expect(await page.evaluate('[location.href, history.length]')).toEqual([`${origin}/`, 2]);
  release();
  // It is a link of nobody's, and was read: the page says so.
  await page.getByText(/made by another version/).waitFor();
  expect(
    await page.evaluate('Object.getOwnPropertyNames(window).includes("porchlight-offer")'),
  ).toBe(false);
  expect(asked.join()).not.toContain('c2VjcmV0');
  expect(server.asked.join()).not.toContain('c2VjcmV0');
});

test('a new version comes whole, waits, and takes over by the button', async () => {
  const page = await open();
  await firstScreen(page);
  await installed(page);
  server.rebuild('index.html', server.text('index.html').replace('<title>', '<title>New '));
  await page.evaluate('navigator.serviceWorker.getRegistration().then((r) => r.update())');
  await page.getByRole('button', { name: 'Update' }).waitFor();
  expect(await page.title()).toBe('Porchlight');
  await page.getByRole('button', { name: 'Update' }).click();
  await expect.poll(() => titleOf(page), WAIT).toBe('New Porchlight');
  await firstScreen(page);
  server.isAway = true;
  await page.reload();
  expect(await page.title()).toBe('New Porchlight');
  expect(await page.evaluate('caches.keys().then((names) => names.length)')).toBe(1);
});

test('a new version takes over at the next open, where no other page is', async () => {
  const page = await open();
  await installed(page);
  server.rebuild('index.html', server.text('index.html').replace('<title>', '<title>New '));
  await page.evaluate('navigator.serviceWorker.getRegistration().then((r) => r.update())');
  await page.getByRole('button', { name: 'Update' }).waitFor();
  await page.reload();
  // Half a minute after the open it comes in any case, and would take the person's place away.
  await expect.poll(() => titleOf(page), WAIT).toBe('New Porchlight');
});

test('a file that was changed on its way is not used: not by the page, not by the update', async () => {
  const page = await open();
  await firstScreen(page);
  await installed(page);
  // A new version, one file of which is not what its list says.
  server.rebuild('index.html', server.text('index.html').replace('<title>', '<title>New '));
  server.files.set(
    'index.html',
    server.text('index.html').replace('</body>', '<script src="x.js"></script></body>'),
  );
  await page.evaluate(
    'navigator.serviceWorker.getRegistration().then((r) => r.update()).catch(() => {})',
  );
  await expect
    .poll(
      () =>
        page.evaluate(
          'navigator.serviceWorker.getRegistration().then((r) => r.installing ?? r.waiting)',
        ),
      WAIT,
    )
    .toBeNull();
  await page.reload();
  await firstScreen(page);
  expect(await page.title()).toBe('Porchlight');

  // A first visit: the browser refuses the script, and the page says what is wrong.
  const script = /src="\.\/(assets\/first-[^"]+\.js)"/.exec(server.text('index.html'))?.[1];
  expect(script).toBeDefined();
  server.serveBuild(built);
  server.files.set(String(script), `${server.text(String(script))}\nglobalThis.tampered = true;`);
  const fresh = await browser.newContext();
  const first = await fresh.newPage();
  await first.goto(origin);
  await first.getByText('a file was changed on its way').waitFor();
  expect(await first.evaluate('globalThis.tampered')).toBeUndefined();
  await fresh.close();
});

test('a style that comes with a later screen is refused too when it was changed on its way', async () => {
  const style = [...server.files.keys()].find((file) => /pairing-part-[^/]+\.css$/.test(file));
  expect(style).toBeDefined();
  server.files.set(String(style), `${server.text(String(style))}body { outline: 3px solid red }`);
  const page = await open();
  await page.getByRole('button', { name: 'Load again' }).waitFor();
  expect(await page.evaluate('getComputedStyle(document.body).outlineStyle')).toBe('none');
  expect(complaints.join()).toMatch(/integrity/);
});

test('what is the relay’s own is never kept, and never answered from the phone', async () => {
  const page = await open();
  await installed(page);
  server.files.set('healthz', '{"ok":true}');
  server.files.set('v1/connect', 'relay');
  const ask = `Promise.all(['/healthz', '/v1/connect', '/v1/poll'].map((path) =>
    fetch(path).then((answer) => answer.status, () => 'away')))`;
  expect(await page.evaluate(ask)).toEqual([200, 200, 404]);
  server.isAway = true;
  expect(await page.evaluate(ask)).toEqual(['away', 'away', 'away']);
  const kept = (await page.evaluate(
    'caches.keys().then(([name]) => caches.open(name)).then((c) => c.keys()).then((k) => k.map((r) => r.url))',
  )) as string[];
  const { files } = JSON.parse(server.text('hashes.json')) as { files: Record<string, string> };
  expect(kept.toSorted()).toEqual(
    Object.keys(files)
      // The worker's own, which the browser keeps with it.
      .filter((file) => !/^sw(?:-\w+)?\.js$/.test(file))
      .map((file) => `${origin}/${file}`)
      .toSorted(),
  );
});

test('a storage that the browser has cleared, or refuses, is said in words', async () => {
  await context.addInitScript(`localStorage.setItem('porchlight.paired', '["desk"]')`);
  const wiped = await open();
  await wiped.getByRole('alert').filter({ hasText: 'cleared' }).getByText('desk').waitFor();
  await context.addInitScript(
    `IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }`,
  );
  const refused = await open();
  await refused.getByRole('alert').filter({ hasText: 'does not let Porchlight keep' }).waitFor();
  await refused.getByRole('button', { name: 'Load again' }).waitFor();
});
