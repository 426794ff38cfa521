import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Listening } from '../../../src/relay/listening.ts';
import { certificateOf } from '../../../src/relay/tls/certificate.ts';
import { makeCertificates } from '../../support/nats-certificates.ts';

const IMPATIENT = { handshakeMs: 200, headersMs: 200, requestMs: 400, lookMs: 50 };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function listening(certificate: Parameters<Listening['listen']>[1] = null) {
  const served: string[] = [];
  const here = new Listening(1_000, 10, IMPATIENT);
  const { at } = await here.listen({ host: '127.0.0.1', port: 0 }, certificate, {
    request: (request, response) => {
      request.resume().on('end', () => {
        served.push(request.url ?? '');
        response.end('served');
      });
      request.on('error', () => {});
    },
  });
  ends.push(async () => {
    here.cut();
    await here.close();
  });
  return { served, port: at.port };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port }).on('error', () => {});
  ends.unshift(() => socket.destroy());
  await once(socket, 'connect');
  socket.resume();
  return socket;
}

test('who connects and says nothing, or drips its head or its body byte by byte, is cut; others are served', async () => {
  const { port, served } = await listening();
  const silent = await dial(port);
  const head = await dial(port);
  const body = await dial(port);
  const drip = (socket: Socket, text: string) => {
    let at = 0;
    const timer = setInterval(() => socket.write(text[at++ % text.length] ?? ''), 20);
    ends.push(() => clearInterval(timer));
  };
  drip(head, 'GET / HTTP/1.1\r\nhost: x\r\nx-slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa');
  body.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n');
  drip(body, 'x');
  const cut = Promise.all([silent, head, body].map(async (socket) => await once(socket, 'close')));
  const answer = await (await fetch(`http://127.0.0.1:${port}/quick`)).text();
  await cut;
  expect([answer, served]).toEqual(['served', ['/quick']]);
});

test('who dials a relay with a certificate and shakes no hands is cut', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-listening-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  const { certFile, keyFile } = await makeCertificates(folder);
  const { port } = await listening(
    certificateOf(readFileSync(certFile, 'utf8'), readFileSync(keyFile, 'utf8')),
  );
  const silent = await dial(port);
  const plain = await dial(port);
  plain.write('GET / HTTP/1.1\r\n\r\n');
  await Promise.all([silent, plain].map(async (socket) => await once(socket, 'close')));
});

test('a head that is too long is refused', async () => {
  const { port, served } = await listening();
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    headers: { 'x-long': 'a'.repeat(9_000) },
  });
  expect([answer.status, served]).toEqual([431, []]);
});

test('an address has so many connections that have asked for nothing, and gets others when those are gone', async () => {
  const here = new Listening(1_000, 2, {
    ...IMPATIENT,
    headersMs: 60_000,
    requestMs: 60_000,
  });
  const { at } = await here.listen({ host: '127.0.0.1', port: 0 }, null, {
    request: (_, response) => response.end('served'),
    upgrade: (_, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
      ends.unshift(() => socket.destroy());
    },
  });
  ends.push(async () => {
    here.cut();
    await here.close();
  });
  const isServed = async (): Promise<boolean> => {
    const socket = await dial(at.port);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const isOver = once(socket, 'close').then(() => false);
    return await Promise.race([once(socket, 'data').then(() => true), isOver]);
  };
  // Some more than it has places.
  const silent: Socket[] = [];
  for (let n = 0; n < 102; n += 1) silent.push(await dial(at.port));
  expect(await isServed()).toBe(false);
  for (const socket of silent.slice(0, 50)) socket.destroy();
  await expect.poll(isServed).toBe(true);
  for (let n = 0; n < 50; n += 1) silent.push(await dial(at.port));
  expect(await isServed()).toBe(false);
  // Who upgrades is counted elsewhere.
  const upgraded = silent.at(-1);
  upgraded?.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
  await expect.poll(isServed).toBe(true);
});
