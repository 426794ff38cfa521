import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { BadNetwork } from './support/bad-network.ts';

// The tests of the phone stand on this: a network that is not bad when told to be proves nothing.

let server: ReturnType<typeof createServer>;
let network: BadNetwork;
const got: number[] = [];
const sockets: WebSocket[] = [];

beforeEach(async () => {
  got.length = 0;
  server = createServer((_, answer) => void answer.end('plain'));
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => {
      got.push(data.length);
      socket.send(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  network = await BadNetwork.before(typeof address === 'object' ? (address?.port ?? 0) : 0);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await network.close();
  server.closeAllConnections();
  server.close();
});

async function dial(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${network.port}`);
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'open');
  return socket;
}

async function echo(socket: WebSocket, bytes: number): Promise<number> {
  socket.send(Buffer.alloc(bytes));
  const [data] = (await once(socket, 'message')) as [Buffer];
  return data.length;
}

test('passes everything, and counts messages of any length', async () => {
  const socket = await dial();
  for (const bytes of [1, 125, 126, 70_000, 300_000]) expect(await echo(socket, bytes)).toBe(bytes);
  socket.ping();
  await once(socket, 'pong');
  expect(network.frames).toEqual({ up: 5, down: 5, control: 2 });
});

test('breaks in the middle of a message, and is well again when mended', async () => {
  const socket = await dial();
  network.cutAfter('up', 50_000);
  socket.send(Buffer.alloc(200_000));
  await once(socket, 'close');
  const refused = new WebSocket(`ws://127.0.0.1:${network.port}`);
  await once(refused, 'error');
  expect(got).toEqual([]);
  network.mend();
  expect(await echo(await dial(), 9)).toBe(9);
});

test('goes still without a word to anybody', async () => {
  const socket = await dial();
  network.goStill();
  socket.send(Buffer.alloc(10));
  const quiet = await Promise.race([
    once(socket, 'message').then(() => 'heard'),
    once(socket, 'close').then(() => 'closed'),
    new Promise((resolve) => setTimeout(resolve, 200, 'quiet')),
  ]);
  expect([quiet, got]).toEqual(['quiet', []]);
});

test('refuses WebSocket and passes the rest, as some proxies do', async () => {
  network.refusesWebSocket = true;
  const url = `http://127.0.0.1:${network.port}`;
  expect(await (await fetch(url)).text()).toBe('plain');
  const socket = new WebSocket(url.replace('http', 'ws'));
  const [error] = (await once(socket, 'error')) as [Error];
  expect(error.message).toContain('403');
});
