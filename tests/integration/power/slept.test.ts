import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostNotice } from '../../../src/connection/host-client.ts';
import { HostClient } from '../../../src/connection/host-client.ts';
import { ensureHost } from '../../../src/local/ensure-host.ts';
import { SocketTransport } from '../../../src/local/socket-transport.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import { dist, eventually, HostUnderTest } from '../support/host-under-test.ts';

const demo = {
  agents: { demo: { command: process.execPath, args: [join(dist, 'demo-agent', 'main.js')] } },
};
const HOUR_MS = 3_600_000;

/** On Linux a process is told by /proc/uptime how long it slept: in a namespace of its own, by the test. */
class SettableUptime {
  readonly #fd: number;
  readonly #ticking: ReturnType<typeof setInterval>;
  #sleptMs = 0;
  /** Runs what it is given as a program would, with this uptime. */
  readonly execPath: string;

  constructor(folder: string) {
    const file = join(folder, 'uptime');
    writeFileSync(file, '');
    this.#fd = openSync(file, 'r+');
    this.#write();
    this.#ticking = setInterval(() => this.#write(), 50);
    this.execPath = join(folder, 'node-with-uptime');
    const inside = `mount --bind '${file}' /proc/uptime && exec '${process.execPath}' "$@"`;
    writeFileSync(
      this.execPath,
      `#!/bin/sh\nexec unshare -m sh -c '${inside.replaceAll("'", `'\\''`)}' sh "$@"\n`,
    );
    chmodSync(this.execPath, 0o755);
  }

  sleep(ms: number): void {
    this.#sleptMs += ms;
    this.#write();
  }

  end(): void {
    clearInterval(this.#ticking);
    closeSync(this.#fd);
  }

  /** In one piece and always as long, since it is read at any time. */
  #write(): void {
    const seconds = (uptime() + this.#sleptMs / 1_000).toFixed(2).padStart(16, '0');
    writeSync(this.#fd, `${seconds} 1.00\n`, 0);
  }
}

const mounted = spawnSync('unshare', ['-m', 'mount', '--bind', '/proc/version', '/proc/uptime']);

describe.skipIf(process.platform !== 'linux' || mounted.status !== 0)(
  'a machine that slept',
  () => {
    let host: HostUnderTest;
    let machine: SettableUptime;
    let told: HostNotice[];
    beforeEach(async () => {
      host = new HostUnderTest(demo);
      machine = new SettableUptime(host.folder);
      const socket = await ensureHost(host.home, { dist, execPath: machine.execPath });
      const surface = { surface: 'test', version: '0' };
      ({ client: host.client } = await HostClient.connect(new SocketTransport(socket), surface));
      told = [];
      host.client.notices.on((notice) => told.push(notice));
    }, 60_000);
    afterEach(async () => {
      await host.stop();
      machine.end();
    }, 30_000);

    async function working(): Promise<SessionId> {
      const sessionId = await host.start('demo', 'SCRIPT:hang');
      await host.until(sessionId, ({ state }) => state === 'working');
      return sessionId;
    }
    const woke = (events: readonly SessionEvent[]) =>
      events.find((event) => event.type === 'machine.woke');

    test('and nobody said so: those at work, and every surface, know it within 5 s of the wake', async () => {
      const sessionId = await working();
      const wokeAt = Date.now();
      machine.sleep(HOUR_MS);
      const event = await eventually(async () => woke(await host.events(sessionId)) ?? null, 6_000);
      expect(Date.now() - wokeAt).toBeLessThan(5_000);
      // The clock on the wall, which this test cannot set, did not run: so it fell asleep an hour ago.
      const agoMs = Date.parse(event.at) - Date.parse(event.sleptFrom);
      expect(Math.abs(agoMs - HOUR_MS)).toBeLessThan(1_000);
      expect(told.map(({ name }) => name)).toContain('host.woke');
    }, 60_000);

    test('after it was announced: that is one sleep, not one that was called off', async () => {
      const sessionId = await working();
      await host.client.call('power.machine', { event: 'suspend' });
      machine.sleep(HOUR_MS);
      await host.client.call('power.machine', { event: 'resume' });
      await host.client.call('power.machine', { event: 'resume' });
      const kinds = (await host.events(sessionId)).map(({ type }) => type);
      expect(kinds.filter((type) => type.startsWith('machine.') || type === 'notice')).toEqual([
        'machine.sleeping',
        'machine.woke',
      ]);
    }, 60_000);
  },
);
