import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  verify,
} from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser } from '../e2e/support/window-browser.ts';
import { buildPage } from '../fakes/build-page.ts';
import { PhoneServer } from '../fakes/phone-server.ts';

const entry = fileURLToPath(new URL('../fakes/phone-page/storage-page.ts', import.meta.url));
const server = new PhoneServer();
let origin: string;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  server.files.set('index.html', '<!doctype html><script src="/storage.js"></script>');
  server.files.set('storage.js', await buildPage(entry));
  origin = await server.start();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server.stop();
});
beforeEach(async () => {
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
});

async function open(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  return page;
}

/** Runs a scenario of the page by name. */
async function act(page: Page, name: string, ...args: readonly unknown[]): Promise<unknown> {
  return await page.evaluate(`storage.${name}(...${JSON.stringify(args)})`);
}

const raw = (text: string): Buffer => Buffer.from(text, 'base64url');

for (const kind of ['web', 'bytes'] as const)
  test(`keys (${kind}) outlive the page, and compute what the other side computes`, async () => {
    const psk = randomBytes(32).toString('base64url');
    const page = await open();
    const made = (await act(page, 'pair', psk, kind)) as Record<string, string>;
    expect(made.kind).toBe(kind === 'web' ? 'web' : 'plain');
    await page.reload();

    const host = generateKeyPairSync('x25519');
    const hostPublic = host.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
    const used = (await act(page, 'use', hostPublic.toString('base64url'), 'a text')) as Record<
      string,
      string
    >;
    const device = createPublicKey({
      key: { kty: 'OKP', crv: 'X25519', x: String(made.sealing) },
      format: 'jwk',
    });
    const point = raw(String(made.signing));
    const signing = createPublicKey({
      key: {
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(1, 33).toString('base64url'),
        y: point.subarray(33).toString('base64url'),
      },
      format: 'jwk',
    });
    expect({
      shared: used.shared,
      psk: used.psk,
      verified: verify(
        'sha256',
        Buffer.from('a text'),
        { key: signing, dsaEncoding: 'ieee-p1363' },
        raw(String(used.signature)),
      ),
    }).toEqual({
      shared: diffieHellman({ privateKey: host.privateKey, publicKey: device }).toString(
        'base64url',
      ),
      psk,
      verified: true,
    });
    expect(await act(page, 'steal')).toEqual(
      kind === 'web' ? ['rejected', 'rejected', 'rejected'] : 'bytes',
    );
  });

test('counters of two tabs never repeat and never fall, whatever the clock says', async () => {
  const [a, b] = [await open(), await open()];
  const [first, second] = (await Promise.all([act(a, 'count', 25), act(b, 'count', 25)])) as [
    number[],
    number[],
  ];
  const all = [...first, ...second].toSorted((x, y) => x - y);
  // From the page's clock, which stands still here.
  expect(all).toEqual(Array.from({ length: 50 }, (_, i) => 1_000 + i));
  expect(first).toEqual(first.toSorted((x, y) => x - y));
  await a.reload();
  expect(await act(a, 'count', 1)).toEqual([1_050]);
});

test('a session is kept with its cursor, goes on from it, and keeps only its newest events', async () => {
  const page = await open();
  await act(page, 'startOver', 1, 1, 1_990);
  await act(page, 'advance', 1, 1_991, 2_000);
  await page.reload();
  expect(await act(page, 'load', 1)).toEqual({
    epoch: 'e1',
    cursor: 2_000,
    title: '2000',
    first: 1,
    last: 2_000,
    count: 2_000,
    earlier: 0,
  });
  await act(page, 'advance', 1, 1_995, 2_005);
  expect(await act(page, 'load', 1)).toEqual({
    epoch: 'e1',
    cursor: 2_005,
    title: '2005',
    first: 506,
    last: 2_005,
    count: 1_500,
    earlier: 505,
  });
});

test('a gap, another epoch and another tab change nothing of what is kept; damage starts over', async () => {
  const [page, other] = [await open(), await open()];
  await act(page, 'startOver', 1, 1, 10);
  await act(page, 'advance', 1, 12, 13);
  await act(page, 'advance', 1, 11, 13, 'e2');
  await Promise.all([act(page, 'advance', 1, 11, 14), act(other, 'advance', 1, 11, 14)]);
  expect(await act(page, 'load', 1)).toMatchObject({ cursor: 14, count: 14, title: '14' });
  await act(page, 'damage', 1);
  expect(await act(page, 'load', 1)).toBeNull();
  expect(await act(page, 'left')).toMatchObject({ sessions: 0, events: 0 });
});

test('a full disk costs what was looked at longest ago, then all caches, and never keys', async () => {
  const page = await open();
  await act(page, 'pair', 'AAAA', 'bytes');
  await act(page, 'count', 1);
  for (const n of [1, 2, 3, 4]) await act(page, 'startOver', n, 1, 3);
  await act(page, 'full', 1);
  await act(page, 'queue', ['0190163d-8694-739b-aea5-966c26f8ad91']);
  expect(await act(page, 'left')).toEqual({
    hosts: 1,
    counters: 1,
    sessions: 2,
    events: 6,
    outbox: 1,
  });
  await act(page, 'full', 2);
  await act(page, 'count', 1);
  expect(await act(page, 'left')).toEqual({
    hosts: 1,
    counters: 1,
    sessions: 0,
    events: 0,
    outbox: 1,
  });
});

test('what waits to be sent keeps its order over reloads, and other tabs hear of it', async () => {
  const [page, other] = [await open(), await open()];
  const ids = ['91', '90', '92'].map((end) => `0190163d-8694-739b-aea5-966c26f8ad${end}`);
  await act(page, 'queue', ids);
  await page.reload();
  // Put again: in its place.
  expect(await act(page, 'queue', ids.slice(0, 1))).toEqual([
    [ids[0], { at: 0 }],
    [ids[1], { at: 1 }],
    [ids[2], { at: 2 }],
  ]);
  await act(page, 'unqueue', ids[1]);
  await other.waitForFunction('storage.outboxChanges().then((n) => n === 5)');
  expect(await act(other, 'left')).toMatchObject({ outbox: 2 });
  await act(page, 'pair', 'AAAA', 'bytes');
  await act(page, 'forget');
  expect(await act(page, 'left')).toEqual({
    hosts: 0,
    counters: 0,
    sessions: 0,
    events: 0,
    outbox: 0,
  });
});

test('a page that is older than the storage gives way, and says so', async () => {
  const [old, newer] = [await open(), await open()];
  expect(await act(old, 'touch')).toBe('fine');
  expect(await act(newer, 'upgrade')).toBe('open');
  expect(await act(old, 'troubles')).toEqual(['thisPageIsOlder']);
  expect(await act(old, 'touch')).toContain('Load it again');
  await old.reload();
  expect(await act(old, 'touch')).toMatch(/VersionError/);
  expect(await act(old, 'troubles')).toEqual(['thisPageIsOlder']);
});
