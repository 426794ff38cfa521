import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { hostFailureFile } from '../../src/local/ensure-host.ts';
import { connectSocket } from '../../src/local/socket-transport.ts';
import { dist, eventually, HostUnderTest } from './support/host-under-test.ts';

const host = new HostUnderTest();
const isRoot = process.getuid?.() === 0;

beforeAll(async () => {
  await host.connect();
});
afterAll(async () => {
  await host.stop();
});

/** Sends raw text to the host's socket; resolves with what comes back until it closes or answers. */
async function raw(
  send: (write: (text: string) => void) => void,
  until: (got: string) => boolean,
): Promise<string> {
  const socket = await connectSocket(host.home.hostSocket, 2_000);
  return await new Promise((resolve) => {
    let got = '';
    const done = (): void => {
      socket.destroy();
      resolve(got);
    };
    socket.on('data', (chunk) => {
      got += chunk.toString();
      if (until(got)) done();
    });
    socket.on('close', done);
    socket.on('error', done);
    send((text) => socket.write(text));
  });
}

const hello = (protocol: number) =>
  `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hello', params: { protocol, surface: 't', version: '0' } })}\n`;

describe('the local socket', () => {
  test('is private to this user', () => {
    expect((statSync(host.home.hostSocket).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(host.home.keeperSocket).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(host.home.root).mode & 0o777).toString(8)).toBe('700');
    expect((statSync(host.home.database).mode & 0o777).toString(8)).toBe('600');
  });

  test.runIf(isRoot)('does not let another user in', () => {
    const script = `require('net').connect(process.argv[1]).on('error', (e) => { console.log(e.code); process.exit(0) }).on('connect', () => { console.log('IN'); process.exit(0) })`;
    for (const path of [host.home.hostSocket, host.home.keeperSocket]) {
      const { stdout } = spawnSync(
        'runuser',
        ['-u', 'nobody', '--', process.execPath, '-e', script, path],
        { encoding: 'utf8' },
      );
      expect(stdout.trim()).toBe('EACCES');
    }
  });

  test('tells a surface of another protocol version which ones it speaks', async () => {
    const got = await raw(
      (write) => write(hello(99)),
      (text) => text.includes('\n'),
    );
    expect(JSON.parse(got)).toMatchObject({
      error: { code: -32010, data: { host: 1, oldest: 1 } },
    });
  });

  test('answers what is not JSON, not JSON-RPC, unknown or before hello with an error, and goes on', async () => {
    const got = await raw(
      (write) =>
        write(
          `{not json\n[1,2]\n{"jsonrpc":"2.0","id":7,"method":"host.status"}\n{"jsonrpc":"2.0","id":8,"method":"__proto__"}\n${hello(1)}`,
        ),
      (text) => text.split('\n').length > 5,
    );
    const codes = got
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { error?: { code: number } }).error?.code ?? 'ok');
    expect(codes).toEqual([-32700, -32600, -32600, -32601, 'ok']);
  });

  test('cuts off a message without an end at its limit', async () => {
    let written = 0;
    const chunk = 'x'.repeat(1024 * 1024);
    await raw(
      (write) => {
        for (let i = 0; i < 100; i += 1) {
          write(chunk);
          written += chunk.length;
        }
      },
      () => false,
    );
    expect(written).toBe(100 * 1024 * 1024);
    const { pid } = await host.client.call('host.status', {});
    expect(pid).toBeGreaterThan(0);
  });
});

describe('one home has one host', () => {
  test('a second host is refused and says so', () => {
    const second = spawnSync(process.execPath, [join(dist, 'host', 'main.js')], {
      env: { ...process.env, PORCHLIGHT_HOME: host.home.root },
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({
      status: second.status,
      said: second.stderr.includes('already serves this home'),
    }).toEqual({ status: 78, said: true });
  });

  test('a socket that a crash left behind is replaced', async () => {
    const other = new HostUnderTest();
    const stale = createServer();
    mkdirSync(other.home.logs, { recursive: true });
    await new Promise<void>((resolve) => stale.listen(other.home.hostSocket, resolve));
    // Node unlinks a socket on close; a crash does not. So it is made by a process that is killed.
    await new Promise((resolve) => stale.close(resolve));
    spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`,
      other.home.hostSocket,
    ]);
    expect(statSync(other.home.hostSocket).isSocket()).toBe(true);
    await other.connect();
    expect((await other.client.call('host.status', {})).running).toBe(true);
    await other.stop();
  });
});

describe('a host that cannot start says why', () => {
  test.each([
    ['an unknown key', { agents: { claude: { comand: 'x' } } }, /agents\.claude\.comand/],
    ['a wrong type', { limits: { promptBytes: 'many' } }, /limits\.promptBytes/],
    ['no object', [], /config\.json/],
  ])('%s in config.json', async (_, config, expected) => {
    const other = new HostUnderTest(config);
    await expect(other.connect()).rejects.toThrow(expected);
    expect(statSync(hostFailureFile(other.home)).isFile()).toBe(true);
    execFileSync('rm', ['-rf', other.folder]);
  });

  test('a database from a newer version, which stays untouched', async () => {
    const other = new HostUnderTest();
    await other.connect();
    const { keeperPid } = await other.client.call('host.status', {});
    await other.client.call('host.stop', { all: true });
    await eventually(async () => {
      try {
        process.kill(keeperPid, 0);
        return null;
      } catch {
        return true;
      }
    });
    const { default: Database } = await import('libsql');
    const database = new Database(other.home.database);
    database.exec('PRAGMA user_version = 9999');
    database.close();
    await expect(other.connect()).rejects.toThrow(/newer/);
    execFileSync('rm', ['-rf', other.folder]);
  });
});

describe.runIf(isRoot)('a full disk', () => {
  test('refuses commands in words, and when there is room again nothing is lost', async () => {
    const other = new HostUnderTest({
      agents: {
        quick: {
          command: process.execPath,
          args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
        },
      },
    });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m,mode=700', 'tmpfs', other.home.root]);
    try {
      writeFileSync(
        other.home.config,
        JSON.stringify({
          limits: { freeDiskMb: 0 },
          agents: {
            quick: {
              command: process.execPath,
              args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
            },
          },
        }),
      );
      await other.connect();
      const sessionId = await other.start('quick', 'SCRIPT:stream n=1200 rate=400');
      const filler = join(other.home.root, 'filler');
      spawnSync('sh', ['-c', `cat /dev/zero > '${filler}' 2>/dev/null`]);
      await expect(
        eventually(async () => {
          await other.send(sessionId, 'more');
          return null;
        }),
      ).rejects.toThrow(/disk or the quota is full/);
      execFileSync('rm', [filler]);
      await other.turnEnded(sessionId, 1, 40_000);
      const chunks = (await other.events(sessionId)).flatMap((event) =>
        event.type === 'agent.text' ? [event.text] : [],
      );
      expect({ count: chunks.length, distinct: new Set(chunks).size }).toEqual({
        count: 1200,
        distinct: 1200,
      });
    } finally {
      await other.client.call('host.stop', { all: true }).catch(() => {});
      await eventually(async () =>
        spawnSync('umount', [other.home.root]).status === 0 ? true : null,
      );
      execFileSync('rm', ['-rf', other.folder]);
    }
  });
});

describe('the loopback UI', () => {
  let url: URL;
  beforeAll(async () => {
    url = new URL((await host.client.call('host.serveUi', {})).url);
  });
  const call = async (options: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string;
  }) =>
    await new Promise<{ status: number; body: string; csp: string }>((resolve, reject) => {
      const made = request(
        {
          host: '127.0.0.1',
          port: url.port,
          method: options.method ?? 'GET',
          path: options.path ?? '/',
          headers: options.headers ?? {},
        },
        (response) => {
          let body = '';
          response.on('data', (chunk) => (body += String(chunk)));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body,
              csp: String(response.headers['content-security-policy']),
            }),
          );
        },
      );
      made.on('error', reject);
      made.end(options.body);
    });
  const session = async (): Promise<string> => {
    const link = new URL((await host.client.call('host.serveUi', {})).url);
    const token = new URLSearchParams(link.hash.slice(1)).get('token');
    const { body } = await call({
      method: 'POST',
      path: '/token',
      headers: { origin: url.origin, 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    return (JSON.parse(body) as { session: string }).session;
  };
  const upgrade = async (
    origin: string,
    protocols: string[],
    headers: Record<string, string> = {},
  ) =>
    await new Promise<string>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${url.port}/ws`, protocols, { origin, headers });
      socket.on('open', () => {
        socket.close();
        resolve('open');
      });
      socket.on('error', (error) => resolve(error.message));
    });

  test('listens on loopback alone', () => {
    expect(url.hostname).toBe('127.0.0.1');
  });

  test('serves the page under a strict policy', async () => {
    const page = await call({});
    expect(page.status).toBe(200);
    expect(page.csp).toContain("default-src 'none'");
  });

  test('a name that is rebound to 127.0.0.1 gets nothing', async () => {
    expect((await call({ headers: { host: `evil.example:${url.port}` } })).status).toBe(403);
    const good = await session();
    expect(
      await upgrade(url.origin, ['porchlight', `session.${good}`], {
        host: `evil.example:${url.port}`,
      }),
    ).toMatch(/401/);
  });

  test('a page of another site can neither connect nor post', async () => {
    const good = await session();
    expect(await upgrade('https://evil.example', ['porchlight', `session.${good}`])).toMatch(/401/);
    const token = JSON.stringify({ token: 'x' });
    const form = { method: 'POST', path: '/token', body: token };
    expect(
      (
        await call({
          ...form,
          headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
        })
      ).status,
    ).toBe(403);
    expect(
      (await call({ ...form, headers: { origin: url.origin, 'content-type': 'text/plain' } }))
        .status,
    ).toBe(403);
  });

  test('a token works once; without a session there is no connection', async () => {
    const link = new URL((await host.client.call('host.serveUi', {})).url);
    const body = JSON.stringify({ token: new URLSearchParams(link.hash.slice(1)).get('token') });
    const headers = { origin: url.origin, 'content-type': 'application/json' };
    expect((await call({ method: 'POST', path: '/token', headers, body })).status).toBe(200);
    expect((await call({ method: 'POST', path: '/token', headers, body })).status).toBe(401);
    expect(await upgrade(url.origin, ['porchlight', 'session.wrong'])).toMatch(/401/);
    expect(await upgrade(url.origin, ['porchlight', `session.${await session()}`])).toBe('open');
  });

  test('gives no file from outside its folder', async () => {
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '//etc/passwd',
    ])
      expect((await call({ path })).status).toBeGreaterThanOrEqual(400);
  });
});

test('a connection that says nothing and one that never reads hold nothing up', async () => {
  const idle = connect(host.home.hostSocket);
  const deaf = connect(host.home.hostSocket);
  deaf.pause();
  deaf.write(hello(1));
  for (let i = 0; i < 200; i += 1)
    deaf.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: i + 2, method: 'agents.list', params: {} })}\n`,
    );
  expect((await host.client.call('host.status', {})).running).toBe(true);
  idle.destroy();
  deaf.destroy();
});
