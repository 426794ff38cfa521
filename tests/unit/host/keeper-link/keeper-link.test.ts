import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { parseIncoming } from '../../../../src/host/keeper-link/keeper-frames.ts';
import { KeeperLink } from '../../../../src/host/keeper-link/keeper-link.ts';

const HELLO = { do: 'hello', protocol: 1, pid: 42, version: '1' };
const host = { hostPid: 1, hostVersion: '1', log: silentLogger };

let folder = '';
let server: Server;
let frames: Record<string, unknown>[];
let answer: (frame: Record<string, unknown>, socket: Socket) => void;
const keeperSocket = (): string => join(folder, 'keeper.sock');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'link-'));
  frames = [];
  answer = () => {};
  server = createServer((socket) => {
    socket.on('data', (chunk) => {
      for (const text of String(chunk).trim().split('\n')) {
        const frame = JSON.parse(text) as Record<string, unknown>;
        if (frame.do === 'hello') socket.write(JSON.stringify({ id: frame.id, ok: HELLO }) + '\n');
        else {
          frames.push(frame);
          answer(frame, socket);
        }
      }
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(keeperSocket(), resolve));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the link to the keeper', () => {
  it('says whose socket it cannot reach, and what to do', async () => {
    await expect(
      KeeperLink.connect({ keeperSocket: '/nowhere/keeper.sock' }, host),
    ).rejects.toThrow(
      'Cannot reach the keeper at /nowhere/keeper.sock: connect ENOENT /nowhere/keeper.sock. Start it with "porchlight host start".',
    );
  });

  it('sends one acknowledgement for many in the same turn', async () => {
    const link = await KeeperLink.connect({ keeperSocket: keeperSocket() }, host);
    for (const offset of [1, 3, 2]) link.ack('i_a', offset);
    link.ack('i_b', 9);
    answer = (frame, socket) =>
      socket.write(JSON.stringify({ id: frame.id, ok: { do: 'list', instances: [] } }) + '\n');
    await new Promise((resolve) => setImmediate(resolve));
    await link.list();
    expect(frames.map(({ id: _, ...frame }) => frame)).toEqual([
      { do: 'ack', instance: 'i_a', offset: 3 },
      { do: 'ack', instance: 'i_b', offset: 9 },
      { do: 'list' },
    ]);
    link.close();
  });

  it('fails what is under way when the connection closes, and everything after', async () => {
    const link = await KeeperLink.connect({ keeperSocket: keeperSocket() }, host);
    const reasons: string[] = [];
    link.closed.on((reason) => void reasons.push(reason));
    answer = (_, socket) => socket.destroy();
    await expect(link.end('i_a')).rejects.toThrow(
      "The keeper's end: the connection closed (the keeper closed the connection)",
    );
    await expect(link.list()).rejects.toThrow('the connection is closed');
    link.close();
    expect([link.keeperPid, reasons]).toEqual([42, ['the keeper closed the connection']]);
  });

  it('goes on after frames it does not know, and refuses a wrong answer', async () => {
    const link = await KeeperLink.connect({ keeperSocket: keeperSocket() }, host);
    answer = (frame, socket) =>
      socket.write(
        `garbage\n{"tell":"newer"}\n{"id":999,"ok":{}}\n{"id":${String(frame.id)},"ok":{"do":"list","instances":7}}\n`,
      );
    await expect(link.list()).rejects.toThrow('instances');
    answer = (frame, socket) =>
      socket.write(`{"id":${String(frame.id)},"error":{"code":"gap","message":"no"}}\n`);
    await expect(link.write('i_a', 9, 'x')).rejects.toMatchObject({
      name: 'KeeperRefusal',
      code: 'gap',
      message: 'no',
    });
    link.close();
  });
});

describe('a frame from the keeper', () => {
  it.each([
    '{"tell":"line","instance":"i_a","offset":1,"line":"x"}',
    '{"tell":"oversize","instance":"i_a","offset":1,"bytes":9}',
    '{"tell":"caughtUp","instance":"i_a","offset":0}',
    '{"tell":"stderr","instance":"i_a","text":"x"}',
  ])('%s is a notice', (text) => {
    expect(parseIncoming(text)).toEqual({ kind: 'notice', notice: JSON.parse(text) as unknown });
  });

  it.each([
    '',
    'null',
    '7',
    '{"tell":"line","instance":"i_a","offset":"1","line":"x"}',
    '{"tell":"exited","status":{}}',
    '{"id":1}',
    '{"ok":{}}',
  ])('%j is none', (text) => {
    expect(parseIncoming(text)).toEqual({ kind: 'unknown' });
  });
});
