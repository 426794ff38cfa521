import { join } from 'node:path';
import { systemTimers } from '../../../../src/connection/timers.ts';
import { linuxPlatform } from '../../../../src/holder/platform-here.linux.ts';
import type { Lock, Platform } from '../../../../src/holder/platform.ts';
import { eventually, TestBuses } from '../../../support/test-bus.ts';

export const IN_EFFECT = { effective: true, reason: null, fix: null };

export const names = (locks: readonly Lock[]): string[] => locks.map(({ name }) => name);

/** Linux on buses of a test's own; `stop` after each test lets go of everything. */
export class LinuxRig {
  #buses: TestBuses | null = null;
  readonly #stops: (() => void)[] = [];
  readonly #held: Lock[] = [];

  async start(): Promise<TestBuses> {
    return (this.#buses = await TestBuses.start());
  }

  /** Linux as it is on these buses, with an empty /sys, /proc and home. */
  platform(on: TestBuses, env: NodeJS.ProcessEnv = {}): Platform {
    return linuxPlatform({
      env: {
        PATH: process.env.PATH,
        ...on.env,
        HOME: on.folder,
        XDG_STATE_HOME: join(on.folder, 'state'),
        KDE_SESSION_VERSION: '6',
        ...env,
      },
      timers: systemTimers,
      uid: 0,
      root: on.folder,
      run: async () => await Promise.reject(new Error('no tool in this test')),
      user: 'anna',
    });
  }

  async take(locks: readonly Lock[]): Promise<void> {
    this.#held.push(...locks);
    await Promise.all(locks.map(async (lock) => await lock.take('1 session is working')));
  }

  async letGo(): Promise<void> {
    await Promise.all(this.#held.map(async (lock) => await lock.letGo()));
  }

  /** What the platform tells, and waiting for it. */
  told(platform: Platform): {
    readonly events: unknown[];
    readonly until: (what: string) => Promise<void>;
  } {
    const events: unknown[] = [];
    this.#stops.push(
      platform.watch({
        sensors: (sensors) => events.push(JSON.stringify(sensors)),
        changed: () => events.push('changed'),
        sleeping: () => events.push('sleeping'),
        woke: () => events.push('woke'),
      }),
    );
    return {
      events,
      until: async (what) => {
        await eventually(what, async () => events.some((event) => String(event).includes(what)));
      },
    };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.letGo();
    this.#held.length = 0;
    await this.#buses?.stop();
    this.#buses = null;
  }
}
