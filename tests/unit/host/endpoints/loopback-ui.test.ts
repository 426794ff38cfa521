import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../../../../src/base/log.ts';
import { LoopbackUi } from '../../../../src/host/endpoints/loopback-ui.ts';

let root: string;
let memory: string | null;
let accepted: number;
const open: LoopbackUi[] = [];

function host(): LoopbackUi {
  const ui = new LoopbackUi({
    root,
    logger: silentLogger,
    accept: () => void (accepted += 1),
    now: () => Date.now(),
    memory: { read: () => memory, write: (text) => void (memory = text) },
  });
  open.push(ui);
  return ui;
}

/** What a page does with a link: gives the port and the session it gets. */
async function visit(ui: LoopbackUi): Promise<{ port: number; session: string }> {
  const url = new URL((await ui.link()).url);
  const answer = await fetch(`${url.origin}/token`, {
    method: 'POST',
    headers: { origin: url.origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token: new URLSearchParams(url.hash.slice(1)).get('token') }),
  });
  const { session } = (await answer.json()) as { session: string };
  return { port: Number(url.port), session };
}

async function reconnect({ port, session }: { port: number; session: string }): Promise<string> {
  const origin = `http://127.0.0.1:${port}`;
  return await new Promise((resolve) => {
    const socket = new WebSocket(
      `${origin.replace('http', 'ws')}/ws`,
      ['porchlight', `session.${session}`],
      { origin },
    );
    socket.on('open', () => {
      socket.close();
      resolve('open');
    });
    socket.on('error', (error) => resolve(error.message));
  });
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'porchlight-ui-'));
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  memory = null;
  accepted = 0;
});
afterEach(() => {
  for (const ui of open.splice(0)) ui.close();
  rmSync(root, { recursive: true });
});

test('a page finds the next host at the same address, with the session it has', async () => {
  const before = host();
  const page = await visit(before);
  expect(await reconnect(page)).toBe('open');
  before.close();
  await host().restore();
  expect([await reconnect(page), accepted]).toEqual(['open', 2]);
  expect(await reconnect({ ...page, session: 'wrong' })).toContain('401');
});

test('without a page to wait for nothing is opened', async () => {
  await host().restore();
  memory = 'not json';
  await host().restore();
  memory = JSON.stringify({ port: 1, sessions: [] });
  await host().restore();
  expect(memory).toContain('"sessions":[]');
});

test('a host that was told to stop admits no page any more', async () => {
  const before = host();
  const page = await visit(before);
  before.forget();
  before.close();
  await host().restore();
  expect(await reconnect(page)).toContain('ECONNREFUSED');
});

test('whoever took the port may have heard the sessions: they are forgotten, and a new link works', async () => {
  const before = host();
  const page = await visit(before);
  before.close();
  const thief = createServer();
  await new Promise<void>((resolve) => thief.listen(page.port, '127.0.0.1', resolve));
  const next = host();
  await next.restore();
  expect(memory).toBe('');
  const again = await visit(next);
  expect([again.port === page.port, await reconnect(again)]).toEqual([false, 'open']);
  expect(await reconnect({ ...again, session: page.session })).toContain('401');
  await new Promise((resolve) => thief.close(resolve));
});

test('an upgrade that is refused and torn down at once ends nothing', async () => {
  const ui = host();
  const { port } = new URL((await ui.link()).url);
  for (let n = 0; n < 50; n += 1)
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
          () => {
            socket.resetAndDestroy();
            resolve();
          },
        );
      });
    });
  expect(typeof (await visit(ui)).session).toBe('string');
});
