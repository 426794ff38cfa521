import { beforeEach, describe, expect, it } from 'vitest';
import { OURS } from '../../fakes/fake-machine.ts';
import { HolderWorld } from '../../fakes/holder-world.ts';
import { holderStage, IDLE, LID, NOTHING } from './holder-stage.ts';

let { time, machine, home, held, holding } = holderStage();
beforeEach(() => void ({ time, machine, home, held, holding } = holderStage()));

describe('what is held', () => {
  it('is taken again when it is lost, and told meanwhile', async () => {
    await holding(IDLE);
    home.running?.process.loseLock('idle');
    await time.advance(50);
    const lost = home.notices.at(-1);
    await time.advance(1_000);
    expect({ lost, held: held() }).toMatchObject({
      lost: {
        tell: 'effects',
        effects: { idle: { effective: false, reason: 'idle was ended by somebody else' } },
      },
      held: { locks: ['delay', 'idle'] },
    });
  });

  it('is taken again more and more seldom when it is always lost', async () => {
    await holding(IDLE);
    const { process } = home.running ?? {};
    const before = process?.steps ?? 0;
    for (let second = 0; second < 600; second += 1) {
      process?.loseLock('idle');
      await time.advance(1_000);
    }
    expect((process?.steps ?? 0) - before).toBeLessThan(600);
  });

  it('and was changed by somebody else stays as they want it, is told once, and is theirs in the end', async () => {
    await holding();
    machine.change('lid', '2');
    await time.advance(61_000);
    const message =
      'The setting lid was changed by somebody else meanwhile, and stays as they want it';
    expect({ held: held(), problems: home.problems, last: home.notices.at(-1) }).toMatchObject({
      held: { lid: '2' },
      problems: [`${message}.`],
      last: { tell: 'effects', effects: { lid: { effective: false, reason: message } } },
    });
    await time.advance(600_000);
    home.setWant(NOTHING);
    await time.advance(1_000);
    expect({ held: held(), problems: home.problems.length, entries: machine.entries.size }).toEqual(
      { held: { locks: ['delay'], lid: '2' }, problems: 1, entries: 0 },
    );
  });

  it('is changed again when it is wanted anew, and theirs comes back', async () => {
    await holding();
    machine.change('lid', '2');
    await time.advance(61_000);
    home.setWant(NOTHING);
    await time.advance(500);
    home.setWant(LID);
    await time.advance(500);
    const again = machine.settingOf('lid').value;
    home.setWant(NOTHING);
    await time.advance(500);
    expect([again, machine.settingOf('lid').value]).toEqual([OURS, '2']);
  });

  it('and is lost in a sleep is written again after it, and told as nobody’s change', async () => {
    machine.settings.set('lost', { value: '0', base: '0', isLostInSleep: true });
    await holding();
    await machine.sleep(60_000);
    await time.advance(500);
    expect({ value: machine.settingOf('lost').value, problems: home.problems }).toEqual({
      value: OURS,
      problems: [],
    });
  });

  it('that could be lost in a sleep and differs without one was changed by somebody', async () => {
    machine.settings.set('lost', { value: '0', base: '0', isLostInSleep: true });
    await holding();
    machine.change('lost', '0');
    await time.advance(61_000);
    expect({ value: machine.settingOf('lost').value, problems: home.problems.length }).toEqual({
      value: '0',
      problems: 1,
    });
  });

  it('turns the display off when the lid closes, and only then', async () => {
    await holding(IDLE);
    const close = async (isClosed: boolean): Promise<void> => {
      machine.sensors = { ...machine.sensors, lidClosed: isClosed };
      home.running?.process.events?.sensors(machine.sensors);
      await time.advance(100);
    };
    await close(true);
    await close(false);
    home.setWant(LID);
    await time.advance(300);
    await close(true);
    await close(true);
    expect(machine.calls).toEqual(['displayOff']);
  });
});

describe('a setting that cannot be set back', () => {
  it('is told once, keeps its entry, and is set back when it can be', async () => {
    await holding();
    machine.mood = 'fails';
    home.setWant(NOTHING);
    await time.advance(120_000);
    const meanwhile = {
      problems: home.problems,
      entries: machine.entries.size,
      isAwake: machine.calls,
    };
    machine.mood = 'works';
    await time.advance(61_000);
    expect({ meanwhile, after: held(), entries: machine.entries.size }).toEqual({
      meanwhile: {
        problems: [
          'The setting lid could not be set back and is still as Porchlight made it (denied). It is tried again.',
        ],
        entries: 1,
        isAwake: [],
      },
      after: { locks: ['delay'], lid: '1' },
      entries: 0,
    });
  });

  it('is left to the watchdog by a holder that ends', async () => {
    await holding();
    machine.mood = 'fails';
    home.ask({ do: 'stop' });
    home.isHostAlive = false;
    await time.advance(20_000);
    const meanwhile = [home.running, home.watchdogs.size];
    machine.mood = 'works';
    await time.advance(60_000);
    expect({ meanwhile, after: held(), processes: machine.processes.size }).toEqual({
      meanwhile: [null, 1],
      after: { locks: [], lid: '1' },
      processes: 0,
    });
  });
});

describe('two homes', () => {
  let other: HolderWorld;
  beforeEach(async () => {
    other = new HolderWorld(machine, 'b');
    await holding();
    await holding(LID, other);
  });

  it('share one change, and the last puts back what was before the first', async () => {
    home.setWant(NOTHING);
    await time.advance(500);
    const shared = { lid: machine.settingOf('lid').value, calls: [...machine.calls] };
    other.setWant(NOTHING);
    await time.advance(500);
    expect({ shared, lid: machine.settingOf('lid').value, calls: machine.calls }).toEqual({
      shared: { lid: OURS, calls: [] },
      lid: '1',
      calls: ['sleepIfLidClosed'],
    });
  });

  it('do not wait for one that was killed', async () => {
    for (const watchdog of home.watchdogs) watchdog.kill();
    home.isHostAlive = false;
    home.running?.process.kill();
    other.setWant(NOTHING);
    await time.advance(500);
    expect({ lid: machine.settingOf('lid').value, entries: machine.entries.size }).toEqual({
      lid: '1',
      entries: 0,
    });
  });

  it('both hear of somebody else’s change, and both leave it', async () => {
    machine.change('lid', '7');
    await time.advance(130_000);
    home.setWant(NOTHING);
    other.setWant(NOTHING);
    await time.advance(1_000);
    expect({
      lid: machine.settingOf('lid').value,
      told: [home.problems.length, other.problems.length],
      entries: machine.entries.size,
    }).toEqual({ lid: '7', told: [1, 1], entries: 0 });
  });
});

describe('after a holder was killed', () => {
  const killBoth = (): void => {
    for (const watchdog of home.watchdogs) watchdog.kill();
    home.running?.process.kill();
  };

  it('its watchdog sets back what no other takes over', async () => {
    await holding();
    home.isHostAlive = false;
    home.running?.process.kill();
    await time.advance(2_000);
    expect({ held: held(), processes: machine.processes.size, calls: machine.calls }).toEqual({
      held: { locks: [], lid: '1' },
      processes: 0,
      calls: ['sleepIfLidClosed'],
    });
  });

  it('the next one takes over what is wanted again, without a moment in between', async () => {
    await holding();
    let wasOff = false;
    killBoth();
    for (let step = 0; step < 500; step += 1) {
      await time.advance(10);
      wasOff ||= machine.settingOf('lid').value !== OURS;
    }
    expect({ wasOff, held: held(), before: machine.entries.get('lid')?.before }).toEqual({
      wasOff: false,
      held: { locks: ['delay', 'idle', 'lid'], lid: OURS },
      before: '1',
    });
  });

  it('the next one sets back what is not wanted any more', async () => {
    await holding();
    home.isHostAlive = false;
    killBoth();
    home.want = NOTHING;
    home.hostComes();
    await time.advance(500);
    expect({ held: held(), entries: machine.entries.size }).toEqual({
      held: { locks: ['delay'], lid: '1' },
      entries: 0,
    });
  });

  it('the next one sets back within 2 s what no host asks for', async () => {
    await holding();
    home.isHostAlive = false;
    killBoth();
    home.startHolder();
    await time.advance(2_200);
    expect(machine.settingOf('lid').value).toBe('1');
  });

  it('and somebody else changed the setting, the next one says so and leaves it', async () => {
    await holding();
    home.hostDies();
    killBoth();
    machine.change('lid', '3');
    home.want = NOTHING;
    home.hostComes();
    await time.advance(3_000);
    expect({ held: held(), problems: home.problems }).toEqual({
      held: { locks: ['delay'], lid: '3' },
      problems: [
        'The setting lid was changed by somebody else since a Porchlight that ended without setting it back: it stays as they want it.',
      ],
    });
  });

  it('its watchdog is replaced when it is the one that was killed', async () => {
    await holding();
    for (const watchdog of home.watchdogs) watchdog.kill();
    await time.advance(1_100);
    home.isHostAlive = false;
    home.running?.process.kill();
    await time.advance(2_000);
    expect(machine.settingOf('lid').value).toBe('1');
  });
});
