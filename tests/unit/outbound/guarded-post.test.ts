import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  guardedPost,
  type GuardedRequest,
  type OutboundWorld,
} from '../../../src/outbound/guarded-post.ts';
import { isPublicAddress } from '../../../src/outbound/public-address.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
let folder: string;
let cert: { key: string; cert: string };

const listening = async (server: Server): Promise<number> => {
  servers.push(server);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const serving = async (listener: RequestListener) => await listening(createServer(listener));

const post = async (
  url: string,
  more: Partial<GuardedRequest> = {},
  world: Partial<OutboundWorld> = {},
) =>
  await guardedPost(
    { url, headers: {}, body: Buffer.from('sealed'), limitMs: 5_000, allowHosts: [], ...more },
    {
      resolve: async () => await Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
      isPublic: isPublicAddress,
      now: () => 0,
      ...world,
    },
  );
const allowed = { allowHosts: ['127.0.0.1'] };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outbound-'));
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=push.test', '-addext', 'subjectAltName=DNS:push.test'];
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...ec, '-keyout', key, '-out', file, ...subject], {
    stdio: 'ignore',
    timeout: 20_000,
  });
  cert = { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8') };
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  sockets.clear();
  servers.length = 0;
});

describe('a guarded POST', () => {
  it('sends headers and bytes, and tells status, Retry-After and the answer', async () => {
    const seen: unknown[] = [];
    const port = await serving((request, response) => {
      request.on('data', (chunk: Buffer) =>
        seen.push([request.method, request.url, request.headers['ttl'], chunk.toString()]),
      );
      request.on('end', () => response.writeHead(429, { 'retry-after': '7' }).end('slower'));
    });
    const headers = { TTL: '60' };
    const posted = await post(`http://127.0.0.1:${port}/p?q`, { ...allowed, headers });
    expect([posted, seen]).toEqual([
      { kind: 'answered', status: 429, retryAfterMs: 7_000, body: 'slower' },
      [['POST', '/p?q', '60', 'sealed']],
    ]);
  });

  it('keeps no more than 1 KB of an answer without end, and does not wait for it', async () => {
    const port = await serving((_, response) => {
      response.writeHead(201);
      const pour = () => void (response.write('x'.repeat(65_536)) && setImmediate(pour));
      response.on('drain', pour);
      pour();
    });
    const posted = await post(`http://127.0.0.1:${port}/`, allowed);
    expect(posted).toEqual({
      kind: 'answered',
      status: 201,
      retryAfterMs: null,
      body: 'x'.repeat(1_024),
    });
  });

  it('tells the status of an answer whose body drips, or is cut', async () => {
    const dripping = await serving((_, response) => void response.writeHead(410).write('go'));
    const cut = await serving((_, response) => {
      response.writeHead(404, { 'content-length': '99' }).write('gone');
      setImmediate(() => response.destroy());
    });
    const limited = { ...allowed, limitMs: 200 };
    expect([
      await post(`http://127.0.0.1:${dripping}/`, limited),
      await post(`http://127.0.0.1:${cut}/`, allowed),
    ]).toMatchObject([
      { kind: 'answered', status: 410, body: 'go' },
      { kind: 'answered', status: 404 },
    ]);
  });

  it('is silent when the answer hangs, drips its header, or is cut: it may have arrived', async () => {
    const hangs = await serving(() => {});
    const drips = await listening(
      createNetServer((socket) => void socket.on('error', () => {}).write('HTTP/1.1 201 Cre')),
    );
    const cuts = await serving((request) => request.socket.destroy());
    const floods = await listening(
      createNetServer((socket) => {
        socket.on('error', () => {}).write(`HTTP/1.1 201 Created\r\nx: ${'y'.repeat(100_000)}`);
      }),
    );
    const limited = { ...allowed, limitMs: 200 };
    expect([
      await post(`http://127.0.0.1:${hangs}/secret`, limited),
      await post(`http://127.0.0.1:${drips}/secret`, limited),
      await post(`http://127.0.0.1:${cuts}/secret`, allowed),
      await post(`http://127.0.0.1:${floods}/secret`, allowed),
    ]).toEqual([
      { kind: 'silent', problem: '127.0.0.1: no answer within 0.2 s' },
      { kind: 'silent', problem: '127.0.0.1: no answer within 0.2 s' },
      { kind: 'silent', problem: '127.0.0.1: the connection failed (ECONNRESET)' },
      { kind: 'silent', problem: '127.0.0.1: the connection failed (HPE_HEADER_OVERFLOW)' },
    ]);
  });

  it('follows no redirect', async () => {
    let visits = 0;
    const inner = await serving((_, response) => void ((visits += 1), response.end()));
    const port = await serving((_, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${inner}/` }).end();
    });
    const posted = await post(`http://127.0.0.1:${port}/`, allowed);
    expect([posted, visits]).toEqual([
      { kind: 'answered', status: 307, retryAfterMs: null, body: '' },
      0,
    ]);
  });

  it('sends nothing where nobody listens, where a header is none, or the name is unknown', async () => {
    const port = await listening(createNetServer());
    await new Promise((done) => servers.pop()?.close(done));
    expect([
      await post(`http://127.0.0.1:${port}/secret`, allowed),
      await post('http://127.0.0.1:1/', { ...allowed, headers: { ttl: 'a\r\nb: c' } }),
      await post('https://push.test/secret', {}, { resolve: notFound }),
      await post(
        'https://push.test/secret',
        {},
        { resolve: async () => await Promise.resolve([]) },
      ),
      await post('https://push.test/', { limitMs: 50 }, { resolve: () => new Promise(() => {}) }),
    ]).toEqual([
      { kind: 'refused', problem: '127.0.0.1: the connection failed (ECONNREFUSED)' },
      { kind: 'refused', problem: '127.0.0.1: the connection failed (ERR_INVALID_CHAR)' },
      { kind: 'refused', problem: 'push.test: its name was not found (ENOTFOUND)' },
      { kind: 'refused', problem: 'push.test: it has no address' },
      { kind: 'refused', problem: 'push.test: no answer within 0.05 s' },
    ]);
  });

  it('connects to no private address that a name resolves to', async () => {
    let visits = 0;
    const port = await serving((_, response) => void ((visits += 1), response.end()));
    const tries = ['127.0.0.1', '::ffff:127.0.0.1', '10.0.0.1', 'fe80::1%lo', '64:ff9b::7f00:1'];
    const posted = await Promise.all(
      tries.map(async (address) => {
        const resolve = async () =>
          await Promise.resolve([{ address, family: address.includes(':') ? 6 : 4 }]);
        return await post(`https://push.test:${port}/`, {}, { resolve });
      }),
    );
    const problem = 'push.test: it has only private addresses, and is not in allowHosts';
    expect([posted, visits]).toEqual([tries.map(() => ({ kind: 'refused', problem })), 0]);
  });

  it('asks for a name once, and connects to what it checked: only to the public ones', async () => {
    let visits = 0;
    const server = createTlsServer(cert, (_, response) => void ((visits += 1), response.end('ok')));
    const port = await listening(server);
    const answers = [
      [
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ],
      // A name that has changed its mind.
      [{ address: '::1', family: 6 }],
    ];
    const world = {
      resolve: async () => await Promise.resolve(answers.shift() ?? []),
      isPublic: (address: string) => address === '127.0.0.1',
      ca: cert.cert,
    };
    expect([
      await post(`https://push.test:${port}/`, {}, world),
      answers.length,
      await post(`https://push.test:${port}/`, {}, world),
      visits,
    ]).toMatchObject([{ kind: 'answered', status: 200 }, 1, { kind: 'refused' }, 1]);
  });

  it('resolves the name of an allowed host to wherever it leads', async () => {
    const port = await serving((_, response) => void response.end('hello'));
    expect([
      await post(`http://ntfy.home.arpa:${port}/`, { allowHosts: [`ntfy.home.arpa:${port}`] }),
      await post(`http://ntfy.home.arpa:${port}/`, { allowHosts: ['ntfy.home.arpa'] }),
    ]).toMatchObject([
      { kind: 'answered', status: 200, body: 'hello' },
      { kind: 'answered', status: 200, body: 'hello' },
    ]);
  });

  it('sends over TLS to who can prove its name, and nothing to who cannot', async () => {
    let visits = 0;
    const server = createTlsServer(cert, (_, response) => void ((visits += 1), response.end('ok')));
    const port = await listening(server);
    const allowHosts = ['push.test', 'other.test'];
    const ca = cert.cert;
    expect([
      await post(`https://push.test:${port}/`, { allowHosts }, { ca }),
      await post(`https://push.test:${port}/`, { allowHosts }),
      await post(`https://other.test:${port}/`, { allowHosts }, { ca }),
      visits,
    ]).toEqual([
      { kind: 'answered', status: 200, retryAfterMs: null, body: 'ok' },
      {
        kind: 'refused',
        problem: 'push.test: the connection failed (DEPTH_ZERO_SELF_SIGNED_CERT)',
      },
      {
        kind: 'refused',
        problem: 'other.test: the connection failed (ERR_TLS_CERT_ALTNAME_INVALID)',
      },
      1,
    ]);
  });

  it('sends nothing to who never finishes the handshake', async () => {
    const port = await listening(createNetServer((socket) => void socket.on('error', () => {})));
    const allowHosts = ['push.test'];
    const posted = await post(`https://push.test:${port}/`, { allowHosts, limitMs: 200 });
    expect(posted).toEqual({ kind: 'refused', problem: 'push.test: no answer within 0.2 s' });
  });

  it('leaves no connection open', async () => {
    const port = await serving((_, response) => void response.end('ok'));
    await post(`http://127.0.0.1:${port}/`, allowed);
    const closed = [...sockets].map(
      async (socket) =>
        await new Promise((done) => (socket.destroyed ? done(0) : socket.once('close', done))),
    );
    await Promise.all(closed);
    expect(sockets.size).toBe(1);
  });
});

async function notFound(): Promise<never> {
  return await Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
}
