import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Emitter } from '../../../src/base/emitter.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { Activity, type ActiveSurface } from '../../../src/host/attention/activity.ts';
import { AskBook } from '../../../src/host/attention/ask-book.ts';
import { Attention } from '../../../src/host/attention/attention.ts';
import { ConfigFile } from '../../../src/host/config/config.ts';
import { DeviceBook } from '../../../src/host/devices/device-book.ts';
import { EventLog } from '../../../src/host/event-log/event-log.ts';
import { Problems } from '../../../src/host/problems.ts';
import { composePush, type PushParts } from '../../../src/host/push/compose-push.ts';
import type { guardedPost } from '../../../src/outbound/guarded-post.ts';
import type { NotifyPolicy } from '../../../src/protocol/attention.ts';
import { memoryStore, type MemoryDisk } from '../../fakes/memory-store.ts';
import type { PushDevice } from './push-device.ts';
import type { RoughTime } from './rough-time.ts';

export interface HostLifeNeeds {
  readonly home: string;
  readonly disk: MemoryDisk;
  readonly time: RoughTime;
  readonly post: typeof guardedPost;
  now(): Date;
  policy(): NotifyPolicy;
}

export function writeConfig(home: string, allowHosts: readonly string[]): void {
  writeFileSync(join(home, 'config.json'), JSON.stringify({ notify: { allowHosts } }));
}

export function deviceBook(home: string, now: () => Date): DeviceBook {
  return new DeviceBook({ path: join(home, 'devices.json'), now });
}

/** From a host's start to its end: the real parts that decide and that deliver, over one disk. */
export class HostLife {
  readonly log: EventLog;
  readonly activity: Activity;
  readonly attention: Attention;
  isOver = false;
  readonly #asks: AskBook;
  readonly #push: ReturnType<typeof composePush>;
  readonly #time: RoughTime;

  constructor({ home, disk, time, post, now, policy }: HostLifeNeeds) {
    const timers = time.timersOf(this);
    const clock = { steadyMs: () => time.nowMs, wallMs: () => time.nowMs, now };
    const store = { ...memoryStore(disk), epoch: 'chaos' };
    const problems = new Problems();
    const pulses = { changed: new Emitter<never>(), current: () => [] };
    this.#time = time;
    this.log = new EventLog(store, { now });
    this.#push = composePush({
      ...{ home: { root: home, config: join(home, 'config.json') }, problems, timers, now, clock },
      config: new ConfigFile(join(home, 'config.json'), silentLogger),
      ...{ log: { commit: () => {} }, commands: { once: () => never() }, logger: silentLogger },
      audit: { append: () => {}, who: () => never() },
      remote: {
        book: deviceBook(home, now),
        primitives: async () => null,
        ground: { hostId: () => 'host' },
        devicesChanged: () => {},
      },
      state: () => never(),
      post: async (request) =>
        await (this.isOver ? neverAnswered() : this.#unlessOver(post(request))),
    } satisfies PushParts);
    this.#asks = new AskBook({ log: this.log, problems, pulses, timers, clock });
    this.activity = new Activity(clock.steadyMs);
    this.attention = new Attention({
      ...{ asks: this.#asks, activity: this.activity, courier: this.#push.courier },
      ...{ store, timers, clock, logger: silentLogger, policy },
      commit: (work) => this.log.commit(work),
    });
    this.#push.start();
    this.#asks.start();
    this.attention.start();
  }

  async subscribe(device: PushDevice): Promise<void> {
    if (device.subscription === null) return;
    const { subscription } = device;
    const request = { subscription, actions: true, silent: true };
    // All that the handler looks at of a connection.
    const surface = { device: { id: device.id }, surface: device.place } as never;
    await this.#push.methods['push.subscribe'](request, surface);
  }

  async serverKey(device: PushDevice): Promise<string> {
    const surface = { device: { id: device.id }, surface: device.place } as never;
    return (await this.#push.methods['push.key']({}, surface)).key;
  }

  /** Wants nothing of a device any more that is told nothing there. */
  isPushedTo(device: PushDevice): boolean {
    return this.#push.courier.outlets().some(({ place }) => place === device.place);
  }

  /** In order, as at the end of the program. */
  stop(): void {
    this.attention.close();
    this.#asks.close();
    this.#push.close();
    this.kill();
  }

  /** Nothing of it does anything any more. What it has sent is on its way. */
  kill(): void {
    this.isOver = true;
    this.#time.forget(this);
  }

  /** A process that is gone hears no answer. */
  async #unlessOver<T>(answer: Promise<T>): Promise<T> {
    const heard = await answer;
    return this.isOver ? await neverAnswered() : heard;
  }
}

/** A surface on this machine, or a device's page. */
export function surfaceOf(at: PushDevice | 'window'): ActiveSurface {
  if (at === 'window') return { surface: 'window', role: 'operator', device: null };
  return { surface: at.place, role: at.role, device: { id: at.id } };
}

async function neverAnswered(): Promise<never> {
  return await new Promise<never>(() => {});
}

function never(): never {
  throw new Error('Nobody asks for that here.');
}
