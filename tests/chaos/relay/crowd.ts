import { join } from 'node:path';
import { LightHost } from '../../support/light-host.ts';
import { RelayDevice } from './relay-device.ts';

const WATCH_EVERY_MS = 100;
/**
 * Who can reach a node is with the other one after so long, what they chose to wait not counted: a
 * node that is cut off says so after 10 s, and one that hangs is noticed by its clients within 15 s.
 */
const MAX_APART_MS = 30_000;

export interface CrowdOptions {
  readonly relay: `http://${string}`;
  readonly folder: string;
  /** In [0, 1). */
  random(): number;
  /** Nodes that take connections now. */
  ready(): number;
}

/** Hosts that talk, and devices that listen and ask; and who of them is apart from the other for too long. */
export class Crowd {
  readonly hosts: LightHost[] = [];
  readonly devices: RelayDevice[] = [];
  readonly violations: string[] = [];
  /** The longest that a device was without its host, or a host without a node, while it could reach one. */
  mostApartMs = 0;
  readonly #options: CrowdOptions;
  readonly #apart = new Map<object, { readonly sinceMs: number; readonly chosenMs: number }>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(options: CrowdOptions) {
    this.#options = options;
    this.#timers.push(setInterval(() => this.#watch(), WATCH_EVERY_MS));
  }

  /** Hosts of so many devices each, all of them connecting; each says something every `sayMs`. */
  async add(hosts: number, devices: number, sayMs: number): Promise<void> {
    const { relay, folder } = this.#options;
    for (let h = 0; h < hosts; h += 1) {
      const name = `host ${this.hosts.length + 1}`;
      const host = new LightHost({ relay, folder: join(folder, name) });
      const own = Array.from(
        { length: devices },
        (_, d) => new RelayDevice(`phone ${d + 1} of ${name}`, host),
      );
      this.hosts.push(host);
      this.devices.push(...own);
      host.switchOn();
      for (const device of own) await device.open();
      this.#timers.push(setInterval(() => host.say(this.#words(name)), sayMs));
    }
  }

  /** Most are short; some are parted into many frames. */
  #words(name: string): string {
    const size = this.#options.random();
    const length = size < 0.9 ? 40 : size < 0.99 ? 4_000 : 150_000;
    return `${name}: ${'so much '.repeat(length / 8)}`;
  }

  /** About so many commands a second from each device. */
  ask(perSecond: number): void {
    const everyMs = 100;
    this.#timers.push(
      setInterval(() => {
        for (const device of this.devices)
          if (this.#options.random() < (perSecond * everyMs) / 1_000)
            device.ask().catch((error: unknown) => this.violations.push(`${String(error)}`));
      }, everyMs),
    );
  }

  /** Nobody says or asks anything any more. */
  quiet(): void {
    for (const timer of this.#timers.splice(1)) clearInterval(timer);
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    for (const device of this.devices) device.close();
    for (const host of this.hosts) host.switchOff();
  }

  #watch(): void {
    const isReachable = this.#options.ready() > 0;
    for (const [n, host] of this.hosts.entries()) {
      const isApart = host.isOn && !host.isUp && isReachable;
      this.#look(host, isApart, host.waitedMs, () => `host ${n + 1} is at no node: ${host.words}`);
    }
    for (const device of this.devices) {
      const { outage, host, name } = device;
      const isApart = outage !== null && isReachable && host.isUp;
      const words = () => `${name} is without its host, which is at a node: ${device.state}`;
      this.#look(device, isApart, outage?.chosenMs ?? 0, words);
    }
  }

  #look(who: object, isApart: boolean, chosenMs: number, words: () => string): void {
    if (!isApart) return void this.#apart.delete(who);
    const nowMs = performance.now();
    const known = this.#apart.get(who) ?? { sinceMs: nowMs, chosenMs };
    this.#apart.set(who, known);
    const apartMs = nowMs - known.sinceMs - (chosenMs - known.chosenMs);
    this.mostApartMs = Math.max(this.mostApartMs, apartMs);
    if (apartMs < MAX_APART_MS) return;
    this.violations.push(`for ${Math.round(apartMs)} ms ${words()}`);
    // Told once for each such time.
    this.#apart.set(who, { sinceMs: Number.POSITIVE_INFINITY, chosenMs });
  }
}
