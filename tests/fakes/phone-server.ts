import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  json: 'application/json',
  png: 'image/png',
  webmanifest: 'application/manifest+json',
};

/** Serves files out of a map that a test changes as it likes; notes what was asked for. */
export class PhoneServer {
  readonly files = new Map<string, string | Buffer>();
  readonly asked: string[] = [];
  headers: Record<string, string> = {};
  readonly #server = createServer((request, response) => {
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

  /** As if the machine were gone. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close').catch(() => {});
  }
}
