import { beforeEach, describe, expect, it } from 'vitest';
import { OURS } from '../../fakes/fake-machine.ts';
import { holderStage, IDLE, LID, NOTHING } from './holder-stage.ts';

let { time, machine, home, held, holding } = holderStage();
beforeEach(() => void ({ time, machine, home, held, holding } = holderStage()));

describe('a want', () => {
  it('is answered once it is done and read back', async () => {
    home.hostComes();
    await time.advance(100);
    home.setWant(LID);
    const early = home.answer;
    await time.advance(200);
    expect({ early, answer: home.answer, held: held() }).toMatchObject({
      early: null,
      answer: {
        ok: {
          do: 'want',
          effects: { idle: { effective: true }, lid: { effective: true, setUp: 'done' } },
        },
      },
      held: { locks: ['delay', 'idle', 'lid'], lid: OURS },
    });
  });

  it('for less lets go of the rest, and puts the machine to sleep behind a closed lid', async () => {
    await holding();
    home.setWant(IDLE);
    await time.advance(300);
    expect({ held: held(), calls: machine.calls, entries: machine.entries.size }).toEqual({
      held: { locks: ['delay', 'idle'], lid: '1' },
      calls: ['sleepIfLidClosed'],
      entries: 0,
    });
  });

  it('that is only renewed asks the system nothing', async () => {
    await holding();
    const before = home.running?.process.steps;
    for (let times = 0; times < 3; times += 1) home.setWant(LID);
    await time.advance(1_000);
    expect(home.running?.process.steps).toBe(before);
  });

  it('that a newer one overtakes while a tool hangs is answered with how it is then, and keeps nothing else waiting', async () => {
    await holding(IDLE);
    machine.mood = 'isStuck';
    home.setWant(LID);
    await time.advance(1_000);
    home.setWant(NOTHING);
    await time.advance(2_000);
    const soon = held();
    await time.advance(7_500);
    expect({ soon, answer: home.answer }).toMatchObject({
      soon: { locks: ['delay'] },
      answer: { ok: { do: 'want', effects: { idle: { effective: false } } } },
    });
    machine.mood = 'works';
    await time.advance(60_000);
    expect({ held: held(), entries: machine.entries.size }).toEqual({
      held: { locks: ['delay'], lid: '1' },
      entries: 0,
    });
  });

  it('that cannot be done says why, and is tried again', async () => {
    home.hostComes();
    await time.advance(100);
    machine.mood = 'fails';
    home.setWant(IDLE);
    await time.advance(200);
    const refused = home.answer;
    machine.mood = 'works';
    await time.advance(1_000);
    expect({ refused, held: held(), last: home.lastEffects }).toMatchObject({
      refused: { ok: { effects: { idle: { effective: null } } } },
      held: { locks: ['delay', 'idle'] },
      last: { idle: { effective: true, reason: null } },
    });
  });

  it('that failed half-way leaves nothing behind when it is taken back', async () => {
    home.hostComes();
    await time.advance(100);
    machine.mood = 'failsAfterwards';
    home.setWant(LID);
    await time.advance(300);
    machine.mood = 'works';
    home.setWant(NOTHING);
    await time.advance(5_000);
    expect({ held: held(), entries: machine.entries.size }).toEqual({
      held: { locks: ['delay'], lid: '1' },
      entries: 0,
    });
  });
});

describe('the lease', () => {
  it('ends 60 s after the last renewal, with everything undone', async () => {
    await holding();
    home.hostDies();
    await time.advance(59_000);
    const before = held();
    await time.advance(2_000);
    expect({ before, after: held(), processes: machine.processes.size }).toEqual({
      before: { locks: ['idle', 'lid'], lid: OURS },
      after: { locks: [], lid: '1' },
      processes: 0,
    });
  });

  it('does not end because the machine slept', async () => {
    await holding();
    await machine.sleep(8 * 3_600_000);
    await time.advance(1_000);
    expect(held()).toEqual({ locks: ['delay', 'idle', 'lid'], lid: OURS });
  });

  it('is not needed by a host that is there and wants nothing', async () => {
    await holding(NOTHING);
    // It is there, and says nothing.
    home.isHostAlive = false;
    await time.advance(300_000);
    expect(home.running).not.toBeNull();
  });

  it('ends although its host is connected when that one renews no more', async () => {
    await holding();
    home.isHostAlive = false;
    await time.advance(61_000);
    expect({ held: held(), running: home.running }).toEqual({
      held: { locks: [], lid: '1' },
      running: null,
    });
  });

  it('ends a holder that no host ever came to', async () => {
    home.startHolder();
    await time.advance(61_000);
    expect(machine.processes.size).toBe(0);
  });
});

describe('before a sleep', () => {
  const sleeping = async (): Promise<void> => {
    home.running?.process.events?.sleeping();
    await time.advance(100);
  };

  it('the host is told, and the machine waits until it is ready', async () => {
    await holding(IDLE);
    await sleeping();
    const waits = held();
    home.ask({ do: 'readyToSleep' });
    await time.advance(100);
    const goes = held();
    home.running?.process.events?.woke();
    await time.advance(100);
    expect({
      waits,
      goes,
      woke: held(),
      told: home.notices.filter(({ tell }) => tell === 'sleeping' || tell === 'woke'),
    }).toEqual({
      waits: { locks: ['delay', 'idle'], lid: '1' },
      goes: { locks: ['idle'], lid: '1' },
      woke: { locks: ['delay', 'idle'], lid: '1' },
      told: [{ tell: 'sleeping' }, { tell: 'woke' }],
    });
  });

  it('the machine waits 4 s for a host that does not answer, and not at all without one', async () => {
    await holding(IDLE);
    await sleeping();
    await time.advance(3_700);
    const waits = held();
    await time.advance(300);
    expect([waits, held()]).toEqual([
      { locks: ['delay', 'idle'], lid: '1' },
      { locks: ['idle'], lid: '1' },
    ]);
    home.running?.process.events?.woke();
    home.hostDies();
    await time.advance(100);
    expect(held()).toEqual({ locks: ['idle'], lid: '1' });
  });
});

describe('consent', () => {
  it('is taken back only when the settings that need it are back, and given anew they are changed again', async () => {
    await holding();
    home.ask({ do: 'setUp', undo: true });
    await time.advance(500);
    const without = { held: held(), answer: home.answer };
    home.ask({ do: 'setUp', undo: false });
    await time.advance(500);
    expect({ without, with: held() }).toMatchObject({
      without: {
        held: { lid: '1' },
        answer: { ok: { do: 'setUp', message: 'Undone.', effects: { lid: { setUp: 'needed' } } } },
      },
      with: { lid: OURS },
    });
  });

  it('is kept when a setting could not be set back without it', async () => {
    await holding();
    machine.mood = 'fails';
    home.ask({ do: 'setUp', undo: true });
    await time.advance(500);
    expect({ answer: home.answer, has: machine.hasConsent }).toMatchObject({
      answer: { error: { code: 'refused' } },
      has: true,
    });
  });
});
