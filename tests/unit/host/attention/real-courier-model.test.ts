import { expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import type { Carried, Carrier } from '../../../../src/host/courier/carrier.ts';
import { PlaceCourier } from '../../../../src/host/courier/courier.ts';
import type { Place } from '../../../../src/protocol/attention.ts';
import { AttentionBench } from './attention-bench.ts';
import { AttentionWorld, chance, PLACES } from './attention-world.ts';

const EVENTS = 10_000;
const STEP_MS = 5_000;

const NEVER: Carried = { kind: 'never', status: null, problem: 'cut off' };

/** Ways to places that fail as push services, servers and desktops do. */
class Ways {
  failures = 0;
  isWell = false;
  /** What was under way to a place when its host died, or the place went, does not arrive any more. */
  readonly #lives = new Map<Place, number>();
  readonly #next: (below: number) => number;

  constructor(next: (below: number) => number) {
    this.#next = next;
  }

  carriers(bench: AttentionBench): Carrier[] {
    return [...bench.outlets.values()].map((outlet): Carrier => {
      const screen = bench.courier.screen(outlet.place);
      return {
        ...{ outlet, name: outlet.place },
        show: async (notice: Notice) =>
          await this.#try(bench, outlet.place, true, () => screen.show(notice)),
        withdraw: async (ids) =>
          await this.#try(bench, outlet.place, false, () => {
            for (const id of ids) screen.standing.delete(id);
          }),
      };
    });
  }

  cut(place: Place): void {
    this.#lives.set(place, (this.#lives.get(place) ?? 0) + 1);
  }

  async #try(
    { timers }: AttentionBench,
    place: Place,
    isShow: boolean,
    arrive: () => void,
  ): Promise<Carried> {
    const life = this.#lives.get(place);
    const later = async (ms: number): Promise<void> =>
      await new Promise((resolve) => void timers.after(ms, resolve));
    await later(this.#next(40));
    if (this.#lives.get(place) !== life) return NEVER;
    const luck = this.isWell ? 0 : this.#next(100);
    if (luck < 60) {
      arrive();
      return { kind: 'handed', status: 201 };
    }
    this.failures += 1;
    if (luck < 75) {
      // It hangs: it may have arrived, or not.
      if (luck % 2 === 0) arrive();
      await later(10_000);
      return { kind: 'again', status: null, problem: 'silent', afterMs: null, mayBeThere: true };
    }
    if (luck < 78 && isShow) return { kind: 'tooLarge', status: 413, problem: '413' };
    const afterMs = luck < 85 ? this.#next(5_000) : null;
    return { kind: 'again', status: 503, problem: '503', afterMs, mayBeThere: false };
  }
}

/** Promises that are under way have come to their end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

test('the same with the real courier, over ways that fail: 0 lost, 0 repeated, 0 still asking', async () => {
  const next = chance(11);
  const pick = <T>(from: readonly [T, ...T[]]): T => from[next(from.length)] ?? from[0];
  const ways = new Ways(next);
  let courier: PlaceCourier | null = null;
  const world = new AttentionWorld(
    new AttentionBench({}, (bench) => {
      courier?.close();
      for (const place of bench.outlets.keys()) ways.cut(place);
      courier = new PlaceCourier({
        // Its clock is the one on the wall, which is set now and then.
        timers: {
          after: (ms, run) => bench.timers.after(ms, run),
          nowMs: () => bench.timers.nowMs() + bench.wallSetMs,
        },
        ...{ random: () => next(1_000) / 1_000, logger: silentLogger },
        carriers: () => ways.carriers(bench),
      });
      return courier;
    }),
  );
  const { bench } = world;
  const pass = async (ms: number): Promise<void> => {
    for (let leftMs = ms; leftMs >= 0; leftMs -= STEP_MS) {
      bench.timers.advance(Math.min(leftMs, STEP_MS));
      await settled();
    }
  };
  const outlet = (place: Place, isThere: boolean): void => {
    if (isThere) bench.outlet(place);
    else {
      bench.outlets.delete(place);
      ways.cut(place);
    }
    courier?.placesChanged();
  };
  const [lost, asking]: [string[], string[]] = [[], []];
  for (let n = 1; n <= EVENTS; n += 1) {
    const what = next(100);
    if (what < 15) world.perform({ do: pick(['ask', 'ask', 'question']), which: next(4) });
    else if (what < 40) world.perform({ do: 'decide', which: next(4) });
    else if (what < 55) world.perform({ do: pick(['turn', 'end', 'fail']), which: next(4) });
    else if (what < 65) world.perform({ do: 'active', which: next(3), isActive: next(2) === 0 });
    else if (what < 75) world.perform({ do: 'see', which: next(6), byWatcher: next(4) === 0 });
    else if (what < 77) world.perform({ do: 'restart', arrived: 0 });
    else if (what < 79) outlet(PLACES[next(PLACES.length)] ?? 'desktop', next(3) > 0);
    else if (what < 80) world.perform({ do: 'clock', byMs: pick([-3_600_000, 3_600_000]) });
    else if (what < 81) world.perform({ do: 'burst', which: next(4), count: 2 + next(19) });
    else await pass(pick([0, 50, 200, 1_000, 12_000]));
    if (n % 500 > 0) continue;
    // At the end of each stretch all ways are well, and nobody is active.
    ways.isWell = true;
    for (const place of PLACES) outlet(place, true);
    bench.policy = { ...bench.policy, repeats: 1 };
    await pass(700_000);
    asking.push(...world.stillAsking());
    lost.push(...world.lost());
    ways.isWell = false;
    for (const id of world.sessions)
      for (const approval of bench.log.state(id)?.approvals.slice(5) ?? [])
        bench.decides(id, approval.id);
  }
  const repeated = world.repeated();
  let told = 0;
  for (const { shown } of bench.screens.values()) told += shown.length;
  process.stdout.write(
    `attention with its courier: ${EVENTS} events, ${world.restarts} restarts, ${ways.failures} failed tries, ` +
      `${told} notifications: ${lost.length} lost, ${repeated.length} repeated, ${asking.length} still asking\n`,
  );
  const isMuch = told > 1_000 && ways.failures > 500 && world.restarts > 50;
  expect({ lost, repeated, asking, isMuch }).toEqual({
    ...{ lost: [], repeated: [], asking: [], isMuch: true },
  });
}, 240_000);
