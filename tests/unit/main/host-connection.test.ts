import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { connectSocket, SocketTransport } from '../../../src/local/socket-transport.ts';
import { HostConnection, type HostDoor } from '../../../src/main/host-connection.ts';
import { initialTrayState, type TrayState } from '../../../src/main/tray/tray-state.ts';
import { summaryOf } from '../../../src/protocol/session/state.ts';
import { FakeHost, listen, type Listening } from '../../fakes/fake-host.ts';

const LIMIT_MS = 2_000;

let folder: string;
let host: FakeHost;
let listening: Listening | null;
let connection: HostConnection;
let seen: TrayState;
let changes: () => void;
let appeared: (() => void) | null;
let ensures: number;

const path = (): string => join(folder, 'host.sock');
const up = async (): Promise<void> => {
  listening = await listen(host, path());
};
const down = async (): Promise<void> => {
  await listening?.close();
  listening = null;
};

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (!holds()) {
    if (Date.now() > deadline)
      throw new Error(`${what} did not come about; it is ${JSON.stringify(seen)}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 50);
      changes = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-'));
  host = new FakeHost();
  listening = null;
  seen = initialTrayState;
  changes = () => {};
  appeared = null;
  ensures = 0;
  const connect = async (): Promise<Socket> => await connectSocket(path(), LIMIT_MS);
  const door: HostDoor = {
    connect,
    ensure: async () => {
      ensures += 1;
      return await connect();
    },
    transport: (socket) => new SocketTransport(socket),
    watch: (callback) => {
      appeared = callback;
      return () => {
        appeared = null;
      };
    },
  };
  connection = new HostConnection({
    door,
    version: '0.0.0',
    log: silentLogger,
    random: () => 0,
    retry: { firstMs: 1, maxMs: 2 },
    changed: (change) => {
      seen = { ...seen, ...change };
      changes();
    },
  });
});

afterEach(async () => {
  connection.close();
  await down();
  rmSync(folder, { recursive: true });
});

describe('the tray’s connection to the host', () => {
  test('follows the desk as surface tray', async () => {
    await up();
    const id = host.addSession({ title: 'One' });
    host.agents = [
      {
        id: 'demo',
        name: 'Demo',
        found: true,
        version: null,
        command: null,
        from: null,
        modes: ['ask'],
        installable: null,
        signIn: null,
      },
    ];
    await connection.start();
    expect(host.calls.map(({ method }) => method)).toEqual([
      'hello',
      'desk.follow',
      'agents.list',
      'night.state',
    ]);
    expect(host.calls[0]?.params).toMatchObject({ surface: 'tray' });
    host.append(id, { type: 'session.titled', title: 'Two', by: 'cli' });
    await until('the new title', () => seen.sessions[0]?.title === 'Two');
    expect({ link: seen.link, agents: seen.agents, sessions: seen.sessions }).toEqual({
      link: { kind: 'connected' },
      agents: host.agents,
      sessions: [summaryOf(host.session(id).state)],
    });
  });

  test('keeps a notice that arrives in the same read as the answer it follows', async () => {
    await up();
    const id = host.addSession({ title: 'Old' });
    const follow = host.handlers['desk.follow'];
    host.handlers['desk.follow'] = (params, peer) => {
      const answer = follow(params, peer);
      queueMicrotask(() =>
        queueMicrotask(() =>
          queueMicrotask(() =>
            host.append(id, { type: 'session.titled', title: 'New', by: 'cli' }),
          ),
        ),
      );
      return answer;
    };
    await connection.start();
    await until('the new title', () => seen.sessions[0]?.title === 'New');
  });

  test('says at once that a host was stopped on purpose, and that another is coming back', async () => {
    await up();
    await connection.start();
    host.tell('host.stopping', { reason: 'stopped' });
    await down();
    await until('the stop', () => seen.link.kind === 'away');
    expect(seen.link).toEqual({
      kind: 'away',
      reason: 'The host is not running; sessions wait until it is started.',
    });
    await up();
    appeared?.();
    await until('the new host', () => seen.link.kind === 'connected');
    host.tell('host.stopping', { reason: 'restart' });
    await down();
    await until('the loss', () => seen.link.kind === 'returning');
    await up();
    await until('the next host', () => seen.link.kind === 'connected');
  });

  test('comes back by itself after the host crashed, without starting one', async () => {
    await up();
    await connection.start();
    host.addSession();
    listening?.cut();
    await until('the session', () => seen.link.kind === 'connected' && seen.sessions.length === 1);
    expect(ensures).toBe(1);
  });

  test('says so when the host stays away, and returns when one appears', async () => {
    await up();
    host.addSession();
    await connection.start();
    await down();
    await until('away', () => seen.link.kind === 'away');
    expect(seen).toMatchObject({
      link: { reason: expect.stringMatching(/^The host is not running/) },
      sessions: [],
      approvals: [],
    });
    await expect(connection.call('host.status', {})).rejects.toThrow(/cannot be reached/);
    await up();
    appeared?.();
    await until('connected', () => seen.link.kind === 'connected' && seen.sessions.length === 1);
    expect([ensures, appeared]).toEqual([1, null]);
  });

  test('starts the host when asked, once for two who ask at a time', async () => {
    await connection.start();
    expect(seen.link.kind).toBe('away');
    await up();
    await Promise.all([connection.start(), connection.start()]);
    expect([seen.link.kind, ensures]).toEqual(['connected', 2]);
  });

  test('says in words why it and the host cannot talk', async () => {
    await up();
    host.handlers.hello = () => {
      throw new Error('no');
    };
    await connection.start();
    expect(seen.link).toEqual({
      kind: 'away',
      reason: 'hello failed inside the host; its log says why.',
    });
  });

  test('gives others a socket of their own, after a start that is under way', async () => {
    await up();
    const starting = connection.start();
    const socket = await connection.socket();
    expect(seen.link.kind).toBe('connected');
    socket.destroy();
    await starting;
  });
});
