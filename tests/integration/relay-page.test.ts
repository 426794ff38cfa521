import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { relayProgram } from '../support/relay-under-test.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const sha256 = (body: string) => `sha256-${createHash('sha256').update(body).digest('base64')}`;
const SCRIPT = 'console.log(1)';
const FILES = {
  'index.html': `<!doctype html><script>${SCRIPT}</script>`,
  'sw.js': 'self.skipWaiting()',
  'manifest.webmanifest': '{}',
  'assets/app-1a2b.js': 'export {};'.repeat(200),
  'assets/app-3c4d.css': 'body{}',
  'icons/192.png': 'not really',
};

/** A page as its build leaves it, then what was done to it afterwards. */
function folderWith(tamper: (folder: string) => void = () => {}, more: object = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-page-'));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, body] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), body);
  }
  const files = Object.fromEntries(
    Object.entries(FILES).map(([path, body]) => [path, sha256(body)]),
  );
  const hashes = { script: [sha256(SCRIPT)], style: [], files: { ...files, ...more } };
  writeFileSync(join(folder, 'hashes.json'), JSON.stringify(hashes));
  tamper(folder);
  return folder;
}

async function serving(folder: string, args: readonly string[] = []) {
  const relay = await relayProgram(['--serve', folder, ...args]);
  stops.push(relay.stop);
  const get = async (path: string, headers: Record<string, string> = {}) =>
    await fetch(`${relay.url}${path}`, { headers });
  return { ...relay, get };
}

test('serves the page with a policy that names its scripts and lets it talk to its own relay only', async () => {
  const { get, authority } = await serving(folderWith(), [
    ...['--allow-connect', 'https://other.example/path', '--allow-connect', 'ws://10.0.0.2:7410'],
  ]);
  const page = await get('/');
  expect(await page.text()).toBe(FILES['index.html']);
  const header = (name: string) => page.headers.get(name);
  const hash = `'${sha256(SCRIPT)}'`;
  expect(header('content-security-policy')?.split(/[;,] */)).toEqual([
    "default-src 'none'",
    `script-src 'strict-dynamic' ${hash} 'wasm-unsafe-eval'`,
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    `connect-src 'self' ws://${authority} https://other.example wss://other.example http://10.0.0.2:7410 ws://10.0.0.2:7410`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    `script-src 'self' ${hash} 'wasm-unsafe-eval'`,
  ]);
  expect({
    opener: header('cross-origin-opener-policy'),
    resource: header('cross-origin-resource-policy'),
    sniff: header('x-content-type-options'),
    referrer: header('referrer-policy'),
    own: header('permissions-policy')?.match(/[\w-]+(?==\(self\))/g),
    refused: header('permissions-policy')?.includes('microphone=()'),
    cache: header('cache-control'),
    transport: header('strict-transport-security'),
    type: header('content-type'),
  }).toEqual({
    opener: 'same-origin',
    resource: 'same-origin',
    sniff: 'nosniff',
    referrer: 'no-referrer',
    own: ['camera', 'publickey-credentials-create', 'publickey-credentials-get'],
    refused: true,
    cache: 'no-cache',
    transport: null,
    type: 'text/html; charset=utf-8',
  });
});

test('what is named by its contents is kept for ever, the rest is asked for again and answered shortly', async () => {
  const { get } = await serving(folderWith());
  const cached = async (path: string) => (await get(path)).headers.get('cache-control');
  const forever = 'public, max-age=31536000, immutable';
  expect([
    await cached('/assets/app-1a2b.js'),
    await cached('/assets/app-3c4d.css'),
    await cached('/index.html'),
    await cached('/sw.js'),
    await cached('/manifest.webmanifest'),
  ]).toEqual([forever, forever, 'no-cache', 'no-cache', 'no-cache']);
  const etag = (await get('/sw.js')).headers.get('etag') ?? '';
  expect((await get('/sw.js', { 'if-none-match': etag })).status).toBe(304);
  const packed = await get('/assets/app-1a2b.js', { 'accept-encoding': 'gzip' });
  expect([packed.headers.get('content-encoding'), await packed.text()]).toEqual([
    'gzip',
    FILES['assets/app-1a2b.js'],
  ]);
  expect(
    (await get('/sw.js', { 'accept-encoding': 'identity' })).headers.get('content-encoding'),
  ).toBe(null);
});

test("behind a trusted proxy that speaks https the page is told so; a stranger's header is not believed", async () => {
  const told = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'relay.example.org' };
  const proxied = await serving(folderWith(), ['--trust-proxy', '--name', 'relay.example.org']);
  const page = await proxied.get('/', told);
  expect([
    page.headers.get('strict-transport-security'),
    page.headers
      .get('content-security-policy')
      ?.includes("connect-src 'self' wss://relay.example.org;"),
  ]).toEqual(['max-age=31536000', true]);
  const unknown = await proxied.get('/', { ...told, 'x-forwarded-host': 'evil.example' });
  expect(unknown.headers.get('content-security-policy')).toContain("connect-src 'self';");
  const plain = await serving(folderWith(), ['--name', 'relay.example.org']);
  expect((await plain.get('/', told)).headers.get('strict-transport-security')).toBe(null);
});

test('nothing outside the list is served, and nothing that is asked for is repeated', async () => {
  const folder = folderWith((at) => {
    writeFileSync(join(at, 'secret.txt'), 'secret');
    writeFileSync(join(at, 'assets', 'later.js'), 'later');
  });
  const { url } = await serving(folder);
  const paths = [
    ...['/secret.txt', '/assets/later.js', '/assets/', '/assets', '/hashes.json', '//index.html'],
    ...['/../secret.txt', '/assets/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt'],
    ...[
      '/assets/..%5c..%5csecret.txt',
      '/index.html/',
      '/INDEX.HTML',
      '/./index.html',
      '/<b>x</b>',
    ],
    ...['/index.html%00.png', '/__proto__', '/constructor', '/etc/passwd'],
  ];
  for (const path of paths)
    expect([path, await rawGet(url, path)]).toEqual([path, { status: 404, body: 'Not found.\n' }]);
});

test('a file that is not what was built is not served, wherever it lies; the rest is', async () => {
  const outside = folderWith();
  const folder = folderWith(
    (at) => {
      writeFileSync(join(at, 'sw.js'), 'evil()');
      rmSync(join(at, 'icons', '192.png'));
      symlinkSync(join(outside, 'sw.js'), join(at, 'link.js'));
    },
    { 'link.js': sha256(FILES['sw.js']) },
  );
  const { get, stderr } = await serving(folder);
  const statuses = [];
  for (const path of ['/', '/sw.js', '/icons/192.png', '/link.js'])
    statuses.push((await get(path)).status);
  expect(statuses).toEqual([200, 404, 404, 404]);
  expect(stderr().match(/not what was built/g)).toHaveLength(3);
});

test.each([
  ['there is none', (at: string) => rmSync(join(at, 'hashes.json'))],
  ['it is no JSON', (at: string) => writeFileSync(join(at, 'hashes.json'), '{')],
  [
    'it names a path that leads out',
    (at: string) =>
      writeFileSync(
        join(at, 'hashes.json'),
        JSON.stringify({ script: [], style: [], files: { '../x': sha256('') } }),
      ),
  ],
])('a list of hashes, when %s, leaves a relay without a page', async (_what, tamper) => {
  const { get, stderr } = await serving(folderWith(tamper));
  expect([(await get('/')).status, (await get('/healthz')).status]).toEqual([404, 200]);
  expect(stderr()).toContain('the page cannot be served');
});

test('metrics are for who stands beside it, not for who comes through a proxy', async () => {
  const { get } = await serving(folderWith());
  expect([
    (await get('/metrics')).status,
    (await get('/metrics', { 'x-forwarded-for': '192.0.2.1' })).status,
  ]).toEqual([200, 404]);
});

/** As no browser would: the path as it is. */
async function rawGet(url: string, path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
  await once(socket, 'close');
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body };
}
