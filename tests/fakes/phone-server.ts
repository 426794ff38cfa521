import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  json: 'application/json',
  png: 'image/png',
  webmanifest: 'application/manifest+json',
};

const sha256 = (body: string | Buffer): string =>
  `sha256-${createHash('sha256').update(body).digest('base64')}`;

/** Serves files out of a map that a test changes as it likes; notes what was asked for. */
export class PhoneServer {
  readonly files = new Map<string, string | Buffer>();
  readonly asked: string[] = [];
  headers: Record<string, string> = {};
  /** As if the machine, or the network, were gone. */
  isAway = false;
  readonly #server = createServer((request, response) => {
    if (this.isAway) return void request.socket.destroy();
    const path = (request.url ?? '/').split('?')[0]?.slice(1) || 'index.html';
    this.asked.push(request.url ?? '');
    const file = this.files.get(path);
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': TYPES[path.split('.').at(-1) ?? ''] ?? 'text/plain',
      'cache-control': 'no-cache',
      ...this.headers,
    });
    response.end(file ?? 'not found');
  });

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** The built page of a folder, under a policy like the relay's. */
  serveBuild(folder: string): void {
    this.files.clear();
    for (const name of readdirSync(folder, { recursive: true }).map(String))
      if (statSync(join(folder, name)).isFile())
        this.files.set(name.replaceAll('\\', '/'), readFileSync(join(folder, name)));
    const { script } = JSON.parse(this.text('hashes.json')) as { script: string[] };
    const hashes = script.map((hash) => `'${hash}'`).join(' ');
    this.headers = {
      'content-security-policy': `default-src 'none'; script-src 'self' ${hashes}; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    };
  }

  text(path: string): string {
    return String(this.files.get(path) ?? '');
  }

  /** A file as a later build would have it: the service worker's list names it too. */
  rebuild(path: string, body: string): void {
    const before = sha256(this.files.get(path) ?? '');
    this.files.set(path, body);
    this.files.set('sw.js', this.text('sw.js').replaceAll(before, sha256(body)));
  }
}
