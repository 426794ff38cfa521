import { expect, it } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import type { Carried, Carrier } from '../../../../src/host/courier/carrier.ts';
import { PlaceCourier } from '../../../../src/host/courier/courier.ts';
import { VirtualTime } from '../../../fakes/virtual-time.ts';

const NOTICES = 10_000;
const PLACES = ['a', 'b', 'c', 'd', 'e', 'f'];

/** mulberry32: the same run for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What stands on a screen: the same tag takes its own place. */
class Screen {
  readonly shown = new Map<string, number>();

  show({ id, round }: Notice): void {
    this.shown.set(id, round);
  }

  withdraw(ids: readonly string[]): void {
    for (const id of ids) this.shown.delete(id);
  }
}

it('loses nothing, repeats nothing and leaves nothing asking over 10,000 notices of places that fail', async () => {
  const random = randomOf(20_261_121);
  const time = new VirtualTime();
  const screens = new Map(PLACES.map((place) => [place, new Screen()]));
  const sentAfter: string[] = [];
  const repeated: string[] = [];
  const over = new Set<string>();
  const withdrawnNow = new Set<string>();
  const tryAt = async (arrive: () => void): Promise<Carried> => {
    await time.wait(1 + Math.floor(random() * 40));
    const luck = random();
    if (luck < 0.6) {
      arrive();
      return { kind: 'handed', status: 201 };
    }
    // It hangs: it may have arrived, or not.
    if (luck < 0.75) {
      if (random() < 0.5) arrive();
      await time.wait(10_000);
      return { kind: 'again', status: null, problem: 'hang', afterMs: null, mayBeThere: true };
    }
    const afterMs = luck < 0.8 ? Math.floor(random() * 5_000) : null;
    return { kind: 'again', status: 503, problem: 'later', afterMs, mayBeThere: false };
  };
  const carriers = PLACES.map((place): Carrier => {
    const screen = screens.get(place) ?? new Screen();
    return {
      outlet: { place, kind: 'push', role: 'operator', kinds: null, activeAtMs: null },
      name: place,
      show: async (notice) => {
        if (withdrawnNow.has(`${place} ${notice.id}`)) sentAfter.push(notice.id);
        if (over.has(`${place} ${notice.id}.${notice.round}`)) repeated.push(notice.id);
        return await tryAt(() => screen.show(notice));
      },
      withdraw: async (ids) => await tryAt(() => screen.withdraw(ids)),
    };
  });
  const courier = new PlaceCourier({
    ...{ carriers: () => carriers, timers: time, random, logger: silentLogger },
  });
  const wanted = new Set<string>();
  courier.handed.on(({ place, id, round, outcome }) => {
    if (outcome === 'handed') over.add(`${place} ${id}.${round}`);
  });
  let taken = 0;
  courier.withdrawn.on(({ ids }) => (taken += ids.length));
  const open: { place: string; id: string; round: number }[] = [];
  let withdrawals = 0;
  const withdraw = (place: string, id: string): void => {
    withdrawals += 1;
    withdrawnNow.add(`${place} ${id}`);
    for (const key of [...wanted]) if (key.startsWith(`${place} ${id}.`)) wanted.delete(key);
    courier.withdraw(place, [id], open.length);
  };
  for (let n = 0; n < NOTICES; n += 1) {
    const place = PLACES[Math.floor(random() * PLACES.length)] ?? 'a';
    const older = open[Math.floor(random() * open.length)];
    const again = older !== undefined && random() < 0.2 ? older : null;
    const told = again ?? { place, id: `i${n}`, round: 0 };
    told.round += 1;
    if (again === null) open.push(told);
    const at = new Date(time.nowMs()).toISOString();
    wanted.add(`${told.place} ${told.id}.${told.round}`);
    wanted.delete(`${told.place} ${told.id}.${told.round - 1}`);
    const { id, round } = told;
    const words = { title: 't', body: 'b', bare: 'b', at, loud: false } as const;
    courier.show(told.place, { id, round, kind: 'decision', ...words }, open.length);
    if (open.length > 60) {
      const [gone] = open.splice(Math.floor(random() * open.length), 1);
      if (gone !== undefined) withdraw(gone.place, gone.id);
    }
    if (random() < 0.05) await time.advance(Math.floor(random() * 400_000));
  }
  await time.advance(3_600_000);
  const lost = [...wanted].filter((key) => !over.has(key));
  for (const { place, id } of open.splice(0)) withdraw(place, id);
  await time.advance(3_600_000);
  const asking = [...screens.values()].flatMap(({ shown }) => [...shown.keys()]);
  expect({ lost, repeated, asking, sentAfter, untold: withdrawals - taken }).toEqual({
    ...{ lost: [], repeated: [], asking: [], sentAfter: [], untold: 0 },
  });
}, 60_000);
