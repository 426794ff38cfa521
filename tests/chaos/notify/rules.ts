import type { NotifyWorld } from './notify-world.ts';
import type { PushDevice } from './push-device.ts';

/** Of the least policy that is drawn; a digest that became one thing again is told quietly, and sooner. */
const LOUD_EVERY_MS = 60_000;
const QUIET_EVERY_MS = 5_000;
const SHOWN = 6;

/** What has to hold when everything has come to rest. */
export class Rules {
  /** Asked for a person, and no device says so. */
  readonly lost: string[] = [];
  /** The same telling twice on one screen, or the same thing told sooner again than it may be. */
  readonly twice: string[] = [];
  /** Still asks on a screen, though it was decided or seen. */
  readonly asking: string[] = [];
  readonly wrong: string[] = [];
  /** Asks of which a device knows nothing that was without a subscription when others were told. */
  #missing = 0;
  #looked = 0;
  readonly #short: string[] = [];
  readonly #world: NotifyWorld;
  readonly #lookedAt = new Map<PushDevice, number>();

  constructor(world: NotifyWorld) {
    this.#world = world;
  }

  get broken(): number {
    return this.lost.length + this.twice.length + this.asking.length + this.wrong.length;
  }

  look(done: number): void {
    const { ledger, devices, service } = this.#world;
    const told = new Set<string>();
    this.#short.length = 0;
    for (const device of devices) {
      this.#lookAtScreen(device, done, told);
      this.#lookForTwice(device, done);
    }
    const lost = ledger.asking.filter(
      ({ id, isSeen }) =>
        !isSeen && !told.has(id) && devices.some((each) => ledger.asksAt(id, each)),
    );
    this.#looked += ledger.asking.length;
    if (lost.length > 0) this.lost.push(`after ${done}: ${this.#short.join('; ')}`);
    for (const { id, kind } of lost)
      this.lost.push(`after ${done}: ${kind} ${id}, ${this.#world.toldOf(id)}`);
    this.wrong.push(...service.faults.splice(0).map((fault) => `the push service: ${fault}`));
    ledger.forgetOver();
  }

  counts(): Map<string, number> {
    const { devices, service, lives, weather } = this.#world;
    const sum = (of: (device: PushDevice) => number) =>
      devices.reduce((all, device) => all + of(device), 0);
    return new Map([
      ['hosts', lives],
      ['requests to the push service', service.tries.length],
      ['requests that failed', [...weather.faults.values()].reduce((all, n) => all + n, 0)],
      ['pushes taken', service.taken.length],
      ['shown', sum(({ browser }) => browser.showings.length)],
      ['came again, not shown again', sum(({ browser }) => browser.again)],
      ['came after the withdrawal, not shown', sum(({ browser }) => browser.late)],
      ['withdrawals of what was never shown', sum(({ browser }) => browser.vain)],
      ['pushes gone with a subscription', sum(({ lostInbox }) => lostInbox)],
      ['missing on one device of several', this.#missing],
      ['looked at while they ask', this.#looked],
    ]);
  }

  #lookAtScreen(device: PushDevice, done: number, told: Set<string>): void {
    const { ledger } = this.#world;
    const wanted = ledger.wantedAt(device);
    const { standing } = device.browser;
    const digest = standing.get(`digest:${device.place}`);
    const alone = wanted.filter(({ id }) => standing.has(id));
    const others = wanted.filter(({ id }) => !standing.has(id));
    for (const { id } of alone) told.add(id);
    // A digest says how many, not which.
    const counted = digest?.count ?? 0;
    if (counted >= others.length) for (const { id } of others) told.add(id);
    else {
      this.#missing += others.length - counted;
      this.#short.push(`${others.length} at the ${device.role}, its digest says ${counted}`);
    }
    for (const tag of standing.keys()) {
      if (tag.startsWith('digest:')) continue;
      if (!ledger.asksAt(tag, device))
        this.asking.push(`after ${done}: ${tag} at the ${device.role}`);
    }
    if (digest !== undefined && counted > others.length)
      this.asking.push(
        `after ${done}: a digest of ${counted} at the ${device.role}, where ${others.length} ask besides ${alone.length}`,
      );
  }

  #lookForTwice(device: PushDevice, done: number): void {
    const from = this.#lookedAt.get(device) ?? 0;
    const { showings } = device.browser;
    this.#lookedAt.set(device, showings.length);
    const last = new Map<string, { round: number; loud: boolean; toldMs: number }>();
    for (const { tag, round, loud, toldMs } of showings.slice(from)) {
      const before = last.get(tag);
      last.set(tag, { round, loud, toldMs });
      if (before === undefined || tag.startsWith('digest:')) continue;
      const least = loud ? LOUD_EVERY_MS : QUIET_EVERY_MS;
      // A repetition is counted from when every place was told: it may be told here just before.
      if (round !== before.round && toldMs - before.toldMs >= Math.min(least, QUIET_EVERY_MS))
        continue;
      this.twice.push(
        `after ${done}: ${tag} at the ${device.role}, round ${before.round} and ${round}, ${toldMs - before.toldMs} ms apart`,
      );
    }
  }
}

/** At most so many of each in words. */
export function few(words: readonly string[]): string[] {
  const more = words.length - SHOWN;
  return [...words.slice(0, SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
}
