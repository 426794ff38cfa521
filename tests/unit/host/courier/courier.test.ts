import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import type { Carried, Carrier } from '../../../../src/host/courier/carrier.ts';
import { PlaceCourier } from '../../../../src/host/courier/courier.ts';
import { VirtualTime } from '../../../fakes/virtual-time.ts';

const again = (mayBeThere = false, afterMs: number | null = null): Carried => ({
  ...{ kind: 'again', status: 503, problem: 'later', afterMs, mayBeThere },
});
const handed: Carried = { kind: 'handed', status: 201 };

/** Places that answer by a script, and well when it is at its end; each request takes 10 ms. */
class Stage {
  readonly time = new VirtualTime();
  readonly sent: string[] = [];
  readonly told: string[] = [];
  readonly script = new Map<string, Carried[]>();
  readonly places: string[] = ['a'];
  tookMs = 10;
  /** By how much the clock on the wall was set. */
  setMs = 0;
  atOnce = 0;
  mostAtOnce = 0;
  readonly courier = new PlaceCourier({
    carriers: () => this.places.map((place) => this.#carrier(place)),
    timers: {
      nowMs: () => this.time.nowMs() + this.setMs,
      after: (ms, run) => this.time.after(ms, run),
    },
    steadyMs: () => this.time.nowMs(),
    random: () => 1,
    logger: silentLogger,
  });

  constructor() {
    this.courier.handed.on(({ place, id, round, outcome }) =>
      this.told.push(`${place} ${id}.${round} ${outcome}`),
    );
    this.courier.withdrawn.on(({ place, ids }) =>
      this.told.push(`${place} ${ids.join('+')} withdrawn`),
    );
  }

  show(id: string, round = 1, { place = 'a', atMs = this.time.nowMs() } = {}): void {
    this.courier.show(place, noticeOf(id, round, atMs), 1);
  }

  withdraw(...ids: string[]): void {
    this.courier.withdraw('a', ids, 0);
  }

  #carrier(place: string): Carrier {
    const kind = place === 'desktop' ? 'desktop' : 'push';
    const outlet = { place, kind, role: 'operator', kinds: null, activeAtMs: null } as const;
    const send = async (what: string): Promise<Carried> => {
      this.sent.push(`${place} ${what}`);
      this.atOnce += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
      await this.time.wait(this.tookMs);
      this.atOnce -= 1;
      return this.script.get(place)?.shift() ?? handed;
    };
    return {
      ...{ outlet, name: place },
      show: async ({ id, round }, _, isShort) =>
        await send(`${id}.${round}${isShort ? ' short' : ''}`),
      withdraw: async (ids, _badge, _sinceMs, rounds) =>
        await send(`-${ids.join('+')}${rounds == null ? '' : ` up to ${rounds.join('+')}`}`),
    };
  }
}

function noticeOf(id: string, round: number, atMs: number): Notice {
  const at = new Date(atMs).toISOString();
  return { id, round, kind: 'decision', title: 't', body: 'b', bare: 'b', at, loud: false };
}

describe('the courier', () => {
  it('brings notices to a place in their order, one at a time', async () => {
    const stage = new Stage();
    for (const id of ['x', 'y', 'z']) stage.show(id);
    await stage.time.advance(100);
    expect([stage.sent, stage.told, stage.mostAtOnce]).toEqual([
      ['a x.1', 'a y.1', 'a z.1'],
      ['a x.1 handed', 'a y.1 handed', 'a z.1 handed'],
      1,
    ]);
  });

  it('hands over in the turn in which it was asked', async () => {
    const stage = new Stage();
    stage.show('x');
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(stage.sent).toEqual(['a x.1']);
  });

  it('tries again, with growing pauses or when the other end says, and keeps the turn', async () => {
    const stage = new Stage();
    stage.script.set('a', [again(), again(), again(false, 60_000)]);
    stage.show('x');
    await stage.time.advance(500);
    expect([stage.sent.length, stage.courier.stateOf('a').problem]).toEqual([1, 'later']);
    await stage.time.advance(700);
    expect(stage.sent.length).toBe(2);
    await stage.time.advance(2_100);
    expect(stage.sent.length).toBe(3);
    stage.show('y');
    await stage.time.advance(59_000);
    expect(stage.sent.length).toBe(3);
    await stage.time.advance(2_000);
    expect([stage.sent.slice(3), stage.courier.stateOf('a').problem]).toEqual([
      ['a x.1', 'a y.1'],
      null,
    ]);
  });

  it('does not believe a Retry-After beyond an hour', async () => {
    const stage = new Stage();
    stage.script.set('a', [again(false, 1e12)]);
    stage.show('x');
    await stage.time.advance(3_599_000);
    expect(stage.sent.length).toBe(1);
    await stage.time.advance(2_000);
    expect(stage.sent.length).toBe(2);
  });

  it('looks early whether the way is back when there is something new', async () => {
    const stage = new Stage();
    stage.script.set(
      'a',
      Array.from({ length: 30 }, () => again()),
    );
    stage.show('x');
    await stage.time.advance(300_000);
    const before = stage.sent.length;
    stage.show('y');
    await stage.time.advance(5);
    expect(stage.sent.slice(before)).toEqual(['a x.1']);
  });

  it('sends the newest telling of an id only', async () => {
    const stage = new Stage();
    stage.script.set('a', [again()]);
    stage.show('x', 1);
    stage.show('y', 1);
    stage.show('x', 2);
    stage.show('x', 3);
    stage.show('x', 2);
    await stage.time.advance(5_000);
    expect(stage.sent).toEqual(['a x.3', 'a x.3', 'a y.1']);
  });

  it('sends nothing of what was withdrawn before it was tried', async () => {
    const stage = new Stage();
    stage.show('x');
    stage.show('y');
    stage.withdraw('y', 'x');
    await stage.time.advance(100);
    expect([stage.sent, stage.told]).toEqual([[], ['a y+x withdrawn']]);
  });

  it('takes back what an earlier host may have shown', async () => {
    const stage = new Stage();
    const atMs = stage.time.nowMs() - 5_000;
    stage.show('x', 1, { atMs });
    stage.withdraw('x', 'unheard-of');
    await stage.time.advance(100);
    expect([stage.sent, stage.told]).toEqual([['a -x+unheard-of'], ['a x+unheard-of withdrawn']]);
  });

  it('says of each up to which round it is taken back, however late that is sent', async () => {
    const stage = new Stage();
    const atMs = stage.time.nowMs() - 5_000;
    stage.show('w', 1, { atMs });
    await stage.time.advance(100);
    stage.script.set('a', [again(false)]);
    stage.courier.withdraw('a', ['w'], 0, 1);
    await stage.time.advance(100);
    stage.courier.withdraw('a', ['v'], 0, 7);
    stage.show('w', 8);
    await stage.time.advance(10_000);
    expect(stage.sent).toEqual(['a w.1', 'a -w up to 1', 'a -w+v up to 1+7', 'a w.8']);
  });

  it('takes back what is on its way after it has arrived, and never shows it again', async () => {
    const stage = new Stage();
    stage.script.set('a', [again(true)]);
    stage.show('x');
    await stage.time.advance(5);
    stage.withdraw('x');
    await stage.time.advance(10_000);
    expect([stage.sent, stage.told]).toEqual([['a x.1', 'a -x'], ['a x withdrawn']]);
  });

  it('says nothing about what surely never arrived', async () => {
    const stage = new Stage();
    stage.script.set('a', [again(), again()]);
    stage.show('x');
    await stage.time.advance(15);
    stage.withdraw('x');
    await stage.time.advance(10_000);
    expect([stage.sent, stage.told]).toEqual([['a x.1'], ['a x withdrawn']]);
  });

  it('shows what is told anew after a withdrawal, and in that order', async () => {
    const stage = new Stage();
    stage.show('x', 1);
    await stage.time.advance(50);
    stage.withdraw('x');
    stage.show('x', 2);
    await stage.time.advance(50);
    expect(stage.sent).toEqual(['a x.1', 'a -x', 'a x.2']);
  });

  it('takes back many in one go, and goes on trying', async () => {
    const stage = new Stage();
    const ids = Array.from({ length: 25 }, (_, n) => `i${n}`);
    for (const id of ids) stage.show(id);
    await stage.time.advance(1_000);
    stage.sent.length = 0;
    stage.script.set('a', [again()]);
    for (const id of ids) stage.withdraw(id);
    await stage.time.advance(5_000);
    const [first, rest] = [ids.slice(0, 20).join('+'), ids.slice(20).join('+')];
    expect(stage.sent).toEqual([`a -${first}`, `a -${first}`, `a -${rest}`]);
  });

  it('makes it shorter once where it is too large', async () => {
    const stage = new Stage();
    const tooLarge: Carried = { kind: 'tooLarge', status: 413, problem: 'too large' };
    stage.script.set('a', [tooLarge, handed, tooLarge, tooLarge]);
    stage.show('x');
    stage.show('y');
    await stage.time.advance(1_000);
    expect([stage.sent, stage.told]).toEqual([
      ['a x.1', 'a x.1 short', 'a y.1', 'a y.1 short'],
      ['a x.1 handed', 'a y.1 given up'],
    ]);
  });

  it('gives up what is refused, what waits for a place that is gone, and what waited a day', async () => {
    const stage = new Stage();
    stage.script.set('a', [{ kind: 'never', status: 400, problem: 'no' }]);
    stage.show('x');
    stage.show('y');
    await stage.time.advance(100);
    stage.script.set('a', [{ kind: 'gone', status: 410, problem: 'gone' }]);
    for (const id of ['p', 'q']) stage.show(id);
    await stage.time.advance(100);
    stage.script.set(
      'a',
      Array.from({ length: 1_000 }, () => again()),
    );
    stage.show('old');
    await stage.time.advance(25 * 3_600_000);
    stage.courier.show('nowhere', noticeOf('n', 1, 0), 0);
    stage.courier.withdraw('nowhere', ['n'], 0);
    stage.show('last');
    stage.places.length = 0;
    stage.courier.placesChanged();
    await stage.time.advance(1_000);
    expect(stage.told).toEqual([
      ...['a x.1 given up', 'a y.1 handed', 'a p.1 given up', 'a q.1 given up'],
      ...['a old.1 given up', 'a last.1 given up', 'nowhere n.1 given up'],
    ]);
  });

  it('does not say that anything was taken back where the place went away over it', async () => {
    const stage = new Stage();
    stage.show('x');
    stage.show('y');
    await stage.time.advance(100);
    stage.script.set('a', [again(), { kind: 'gone', status: 410, problem: 'gone' }]);
    stage.withdraw('x');
    await stage.time.advance(100);
    stage.withdraw('y');
    await stage.time.advance(100_000);
    expect(stage.told).toEqual(['a x.1 handed', 'a y.1 handed']);
    stage.withdraw('x', 'y');
    await stage.time.advance(100);
    expect(stage.told.slice(2)).toEqual(['a x+y withdrawn']);
  });

  it('gives nothing up because somebody has set the clock', async () => {
    const stage = new Stage();
    stage.script.set('a', [again()]);
    stage.show('x');
    await stage.time.advance(500);
    stage.setMs = 30 * 24 * 3_600_000;
    await stage.time.advance(5_000);
    expect(stage.told).toEqual(['a x.1 handed']);
  });

  it('keeps a flood bounded, and says what it left out', async () => {
    const stage = new Stage();
    stage.script.set('a', [again()]);
    for (let n = 0; n < 300; n += 1) stage.show(`i${n}`);
    await stage.time.advance(60_000);
    const outcomes = stage.told.map((line) => line.split(' ').slice(2).join(' '));
    expect([
      outcomes.filter((what) => what === 'given up').length,
      outcomes.filter((what) => what === 'handed').length,
    ]).toEqual([100, 200]);
  });

  it('holds no place up for another, and asks at most four at once', async () => {
    const stage = new Stage();
    stage.places.push('b', 'c', 'd', 'e', 'f');
    stage.script.set('a', [again(false, 600_000)]);
    for (const place of stage.places) stage.show('x', 1, { place });
    await stage.time.advance(100);
    expect([stage.told.length, stage.mostAtOnce]).toEqual([5, 4]);
  });

  it('tells the desktop while four requests hang', async () => {
    const stage = new Stage();
    stage.tookMs = 9_000;
    stage.places.push('b', 'c', 'd', 'desktop');
    for (const place of stage.places) stage.show('x', 1, { place });
    await stage.time.advance(100);
    expect(stage.sent).toContain('desktop x.1');
  });

  it('sends nothing once it is closed', async () => {
    const stage = new Stage();
    stage.script.set('a', [again()]);
    stage.show('x');
    await stage.time.advance(100);
    stage.courier.close();
    await stage.time.advance(100_000);
    expect(stage.sent).toEqual(['a x.1']);
  });

  it('goes on when a listener breaks, or a place throws', async () => {
    const stage = new Stage();
    stage.courier.handed.on(() => {
      throw new Error('a bug');
    });
    stage.tookMs = 0;
    stage.show('x');
    stage.show('y');
    await stage.time.advance(100);
    expect(stage.sent).toEqual(['a x.1', 'a y.1']);
  });
});
