import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeMachine, OURS, type Mood } from '../../fakes/fake-machine.ts';
import { HolderWorld } from '../../fakes/holder-world.ts';
import { VirtualTime } from '../../fakes/virtual-time.ts';

const HOMES = ['a', 'b'] as const;
type HomeName = (typeof HOMES)[number];
const MOODS = ['works', 'works', 'fails', 'hangs', 'isSlow', 'isStuck', 'failsAfterwards'] as const;
const SETTINGS = ['kept', 'lost'] as const;
const LEASE_MS = 60_000;
/** What undoing may take when every tool hangs. */
const END_MS = 15_000;
/** What a lease has left at least after a sleep. */
const AFTER_SLEEP_MS = 20_000;

type Command =
  | { readonly do: 'want'; readonly home: HomeName; readonly idle: boolean; readonly lid: boolean }
  | { readonly do: 'hostComes' | 'hostDies' | 'stop' | 'setUp'; readonly home: HomeName }
  | { readonly do: 'kill'; readonly home: HomeName; readonly who: 'holder' | 'watchdog' | 'both' }
  | {
      readonly do: 'killAtStep';
      readonly home: HomeName;
      readonly who: 'holder' | 'watchdog';
      readonly steps: number;
    }
  | { readonly do: 'change'; readonly id: string; readonly value: string }
  | { readonly do: 'mood'; readonly mood: Mood }
  | { readonly do: 'loseLock'; readonly home: HomeName; readonly name: string }
  | { readonly do: 'pass' | 'sleep'; readonly ms: number };

const home = fc.constantFrom(...HOMES);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('want' as const),
      home,
      idle: fc.boolean(),
      lid: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'hostComes' as const,
        'hostComes' as const,
        'hostDies' as const,
        'stop' as const,
        'setUp' as const,
      ),
      home,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('kill' as const),
      home,
      who: fc.constantFrom('holder' as const, 'watchdog' as const, 'both' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('killAtStep' as const),
      home,
      who: fc.constantFrom('holder' as const, 'watchdog' as const),
      steps: fc.integer({ min: 1, max: 30 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      id: fc.constantFrom(...SETTINGS),
      value: fc.constantFrom('1', '2', '3'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('mood' as const),
      mood: fc.constantFrom(...MOODS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('loseLock' as const),
      home,
      name: fc.constantFrom('idle', 'lid', 'delay'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 7, 30, 200, 1_100, 5_000, 20_000, 61_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('sleep' as const),
      ms: fc.constantFrom(1_000, 60_000, 8 * 3_600_000),
    }),
  },
);

class Story {
  readonly time = new VirtualTime();
  readonly machine = new FakeMachine(this.time);
  readonly homes = {
    a: new HolderWorld(this.machine, 'a'),
    b: new HolderWorld(this.machine, 'b'),
  };

  #wasKilled = false;

  constructor(initial: string) {
    for (const id of SETTINGS)
      this.machine.settings.set(id, {
        value: initial,
        base: initial,
        isLostInSleep: id === 'lost',
      });
  }

  async run(step: Command): Promise<void> {
    const { machine } = this;
    switch (step.do) {
      case 'want':
        this.homes[step.home].setWant(step);
        break;
      case 'hostComes':
        this.homes[step.home].hostComes();
        break;
      case 'hostDies':
        this.homes[step.home].hostDies();
        break;
      case 'stop':
        this.homes[step.home].ask({ do: 'stop' });
        break;
      case 'setUp':
        this.homes[step.home].ask({ do: 'setUp', undo: machine.hasConsent });
        break;
      case 'kill':
        this.#wasKilled = true;
        this.#kill(step.home, step.who);
        break;
      case 'killAtStep': {
        const { running, watchdogs } = this.homes[step.home];
        const process = step.who === 'holder' ? running?.process : [...watchdogs][0];
        this.#wasKilled = true;
        if (process !== undefined) process.diesAtStep = process.steps + step.steps;
        break;
      }
      case 'change':
        // Between our look and our change nobody can tell.
        if (machine.isQuiet) machine.change(step.id, step.value);
        break;
      case 'mood':
        machine.mood = step.mood;
        break;
      case 'loseLock':
        this.homes[step.home].running?.process.loseLock(step.name);
        break;
      case 'sleep':
        await machine.sleep(step.ms);
        break;
      case 'pass':
        await this.time.advance(step.ms);
        break;
    }
    await this.time.advance(0);
    this.#check();
  }

  /** Nobody wants anything any more; whoever was killed has one successor. */
  async end(): Promise<void> {
    this.machine.mood = 'works';
    for (const name of HOMES) this.homes[name].hostDies();
    await this.time.advance(LEASE_MS + AFTER_SLEEP_MS + END_MS + 90_000);
    // Where nothing was killed, nobody has to come after it.
    if (!this.#wasKilled) expect([...this.machine.entries.values()]).toEqual([]);
    if (this.machine.entries.size > 0) {
      this.homes.a.startHolder();
      await this.time.advance(LEASE_MS + END_MS);
    }
  }

  #kill(name: HomeName, who: 'holder' | 'watchdog' | 'both'): void {
    const { running, watchdogs } = this.homes[name];
    if (who !== 'holder') for (const process of [...watchdogs]) process.kill();
    if (who !== 'watchdog') running?.process.kill();
  }

  #check(): void {
    for (const name of HOMES) {
      const { running, heardAtMs } = this.homes[name];
      const holds = [...this.machine.locks].some((lock) =>
        lock.startsWith(`${running?.process.pid} `),
      );
      if (holds)
        expect(this.machine.awakeMs - heardAtMs).toBeLessThanOrEqual(
          LEASE_MS + AFTER_SLEEP_MS + END_MS,
        );
    }
  }
}

it('leaves nothing behind whatever happens: no lock outlives its lease, and every setting is what others made it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(command, { minLength: 3, maxLength: 30 }),
      fc.constantFrom('0', '0', '0', OURS),
      async (commands, initial) => {
        const story = new Story(initial);
        // Most of what can go wrong needs something held.
        await story.run({ do: 'hostComes', home: 'a' });
        await story.run({ do: 'want', home: 'a', idle: true, lid: true });
        for (const step of commands) await story.run(step);
        await story.end();
        const { machine } = story;
        expect({
          settings: [...machine.settings].map(([id, { value }]) => [id, value]),
          entries: [...machine.entries.values()],
          locks: [...machine.locks],
          processes: [...machine.processes.keys()],
        }).toEqual({
          settings: [...machine.settings].map(([id, { base }]) => [id, base]),
          entries: [],
          locks: [],
          processes: [],
        });
      },
    ),
    { numRuns: Number(process.env.HOLDER_RUNS ?? 150) },
  );
}, 60_000);
