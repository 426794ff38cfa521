import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { joinHostPort, type Port } from '../../../src/main/host-port.ts';
import { connectSocket } from '../../../src/local/socket-transport.ts';
import { MAX_SURFACE_MESSAGE_BYTES } from '../../../src/protocol/limits.ts';

/** The window's half of a port: what the shell posted, in order, and whether it closed. */
class WindowPort implements Port {
  readonly got: unknown[] = [];
  isClosed = false;
  #message: (event: { data: unknown }) => void = () => {};
  #close: () => void = () => {};
  #wake: () => void = () => {};

  on(event: 'message' | 'close', listener: (event: { data: unknown }) => void): void {
    if (event === 'message') this.#message = listener;
    else this.#close = () => listener({ data: null });
  }
  start(): void {}
  close(): void {
    this.isClosed = true;
    this.#wake();
  }
  postMessage(message: unknown): void {
    this.got.push(message);
    this.#wake();
  }
  send(data: unknown): void {
    this.#message({ data });
  }
  leave(): void {
    this.#close();
  }
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}

let folder: string;
let server: Server;
let accepted: Promise<Socket>;
let port: WindowPort;
const open = (): Promise<Socket> => connectSocket(join(folder, 's'), 1_000);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-'));
  port = new WindowPort();
  server = createServer();
  accepted = new Promise((resolve) => void server.once('connection', resolve));
  await new Promise<void>((resolve) => void server.listen(join(folder, 's'), resolve));
});
afterEach(async () => {
  (await Promise.race([accepted, Promise.resolve(null)]))?.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

async function text(socket: Socket, bytes: number): Promise<string> {
  let all = '';
  for await (const chunk of socket.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    all += String(chunk);
    if (all.length >= bytes) break;
  }
  return all;
}

describe('the port to the host', () => {
  test('carries lines both ways, those sent before it was open too', async () => {
    port = new WindowPort();
    const joined = joinHostPort(port, open);
    port.send('{"early":1}');
    await joined;
    port.send('{"late":"ü"}');
    const host = await accepted;
    expect(await text(host, 25)).toBe('{"early":1}\n{"late":"ü"}\n');
    host.write('{"one":1}\n{"two"');
    host.write(':2}\n\n');
    await port.until(() => port.got.length === 2);
    host.end();
    await port.until(() => port.isClosed);
    expect(port.got).toEqual([
      '{"one":1}',
      '{"two":2}',
      { closed: 'the host closed the connection' },
    ]);
  });

  test('closes at once with the reason when there is no host', async () => {
    await joinHostPort(port, async () => {
      throw new Error('The host is not running.');
    });
    expect([port.got, port.isClosed]).toEqual([[{ closed: 'The host is not running.' }], true]);
  });

  test.each([
    ['two lines in one', '{}\n{}', /one line of text/],
    ['what is not text', { a: 1 }, /one line of text/],
    ['a message over the limit', 'x'.repeat(MAX_SURFACE_MESSAGE_BYTES + 1), /over the limit/],
  ])('refuses %s', async (_name, data, reason) => {
    await joinHostPort(port, open);
    port.send(data);
    expect([port.got, port.isClosed]).toEqual([[{ closed: expect.stringMatching(reason) }], true]);
  });

  test('holds a bounded amount for a host that does not read', async () => {
    await joinHostPort(port, open);
    (await accepted).pause();
    for (let n = 0; n < 8 && !port.isClosed; n += 1)
      port.send('x'.repeat(MAX_SURFACE_MESSAGE_BYTES));
    expect(port.got).toEqual([{ closed: 'the host does not read' }]);
  });

  test('leaves no socket behind when the window goes first', async () => {
    const joined = joinHostPort(port, open);
    port.leave();
    await joined;
    const host = await accepted;
    await new Promise<void>((resolve) => void host.resume().once('close', () => resolve()));
    expect(port.got).toEqual([]);
  });
});
