import { readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { build } from 'vite';
import react from '@vitejs/plugin-react';
import { WebSocketServer } from 'ws';
import { dist, root } from '../../../build/programs.mjs';
import { WsTransport } from '../../../src/host/endpoints/ws-transport.ts';
import type { Role } from '../../../src/protocol/devices.ts';
import { deviceIdSchema } from '../../../src/protocol/relay.ts';
import { FakeHost } from '../../fakes/fake-host.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

export const DEVICE = deviceIdSchema.parse('dGhpcyBwaG9uZSBvZiBt'.padEnd(22, 'A'));

/** A Pixel-sized phone. */
export const PHONE_SCREEN = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 1,
};

export interface PhoneGiven {
  readonly role: Role;
  /** Names of hosts that are known and never there. */
  readonly others?: readonly string[];
  /** Nothing is paired yet. */
  readonly isNew?: boolean;
}

/**
 * The phone's screens in a page of their own, with a scripted host behind a plain WebSocket: every
 * state of them can be had, and every call of them seen.
 */
export class PhoneHost {
  host = new FakeHost();
  role: Role = 'operator';
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      const file = join(folder, path === '/' ? 'index.html' : path);
      try {
        const body = readFileSync(file);
        response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' });
        response.end(body);
      } catch {
        response.writeHead(path === '/favicon.ico' ? 204 : 404);
        response.end();
      }
    });
    this.#sockets = new WebSocketServer({ server: this.#server });
    this.#sockets.on('connection', (socket) => this.host.serve(new WsTransport(socket)));
    this.anew();
  }

  /** Another host at the same door, with nothing on it. */
  anew(): void {
    this.host = new FakeHost();
    const { hello } = this.host.handlers;
    this.host.handlers.hello = async (params, connection) => ({
      ...(await hello(params, connection)),
      device: { id: DEVICE, name: 'Pixel 9, Chrome', role: this.role },
    });
  }

  static async start(): Promise<PhoneHost> {
    // Of this process alone: files of tests run beside one another.
    const folder = join(dist, 'test-pages', `phone-screens-${process.pid}`);
    await build({
      configFile: false,
      root: join(root, 'tests/fakes/phone-page/screens'),
      base: './',
      mode: 'production',
      logLevel: 'error',
      plugins: [react()],
      publicDir: false,
      // As the app's own build does it: styles come with their screens, rewritten for older phones.
      build: {
        target: ['safari17', 'chrome120'],
        cssTarget: ['safari17', 'chrome120'],
        cssCodeSplit: true,
        outDir: folder,
        emptyOutDir: true,
        chunkSizeWarningLimit: 4_000,
      },
    });
    const started = new PhoneHost(folder);
    started.#server.listen(0, '127.0.0.1');
    await once(started.#server, 'listening');
    return started;
  }

  url({ role, others = [], isNew = false }: PhoneGiven, hash = '#/'): string {
    this.role = role;
    const { port } = this.#server.address() as AddressInfo;
    const relay = 'https://relay.example:8443';
    const device = { id: DEVICE, name: 'Pixel 9, Chrome', role };
    const hosts = ['Workbench', ...others].map((name, i) => ({
      id: `host-${i}`,
      name,
      device,
      relay,
      seenAtMs: Date.now() - i * 7_200_000,
    }));
    const given = { hosts: isNew ? [] : hosts, address: `ws://127.0.0.1:${port}` };
    const query = new URLSearchParams({ given: JSON.stringify(given) }).toString();
    return `http://127.0.0.1:${port}/?${query}${hash}`;
  }

  /** Cuts every connection. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  stop(): void {
    this.cut();
    this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
