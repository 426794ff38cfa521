import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { JournalFiles } from '../../src/holder/journal-files.ts';
import type { Claim, JournalEntry } from '../../src/holder/journal.ts';
import type { Platform, Setting } from '../../src/holder/platform.ts';
import { recoverAll } from '../../src/holder/recovery.ts';
import { SettingClaims } from '../../src/holder/setting-claims.ts';
import { HastyTimers } from '../fakes/power-tools/fake-tools.ts';

/** A process of ours on a machine: what it asks of the system goes through `step` first. */
export type Step = () => Promise<void>;

/** A machine in memory, on which one platform after the other runs. */
export interface MachineUnderTest {
  /** In a new process. Asks nothing before it is used. */
  platform(step: Step): Platform;
  /** How often the system was asked for anything. */
  asked(): number;
  /** Whatever hangs on the life of our processes ends. */
  killed(): void;
  isIdleHeld(): boolean;
  /** Tools and children that run now. */
  running(): number;
  /** All settings that we could ever change, by id. */
  settings(): Readonly<Record<string, string>>;
  /** What a person may do meanwhile; never to a value that is ours. */
  readonly person: readonly (() => void)[];
  /** Takes it away, where it is more than memory. */
  end?(): void;
}

const alive: Step = async () => {};

/**
 * What the holder counts on, whatever the system: nothing is asked before it is used, locks end with
 * their process, effects are read back, and with the journal no path leaves a setting changed.
 */
export function platformContract(name: string, machineUnderTest: () => MachineUnderTest): void {
  describe(`the platform of ${name}`, () => {
    const made: MachineUnderTest[] = [];
    const make = (): MachineUnderTest => {
      const machine = machineUnderTest();
      made.push(machine);
      return machine;
    };
    afterEach(() => {
      for (const machine of made.splice(0)) machine.end?.();
    });

    it('asks nothing when it is made, nor when a setting is named', () => {
      const machine = make();
      const platform = machine.platform(alive);
      const ids = Object.keys(machine.settings());
      expect(ids.map((id) => platform.settingNamed(id)?.id)).toEqual(ids);
      expect([platform.settingNamed('nonsense'), machine.asked(), machine.running()]).toEqual([
        null,
        0,
        0,
      ]);
    });

    it('takes locks once and lets them go once, as the effects say', async () => {
      const machine = make();
      const platform = machine.platform(alive);
      const locks = await platform.idleLocks();
      const seen: (boolean | null)[] = [(await platform.effects()).idle.effective];
      for (const lock of [...locks, ...(await platform.idleLocks())]) await lock.take('work');
      seen.push(machine.isIdleHeld(), (await platform.effects()).idle.effective);
      for (const lock of [...locks, ...locks]) await lock.letGo();
      seen.push(machine.isIdleHeld(), (await platform.effects()).idle.effective);
      expect(seen).toEqual([false, true, true, false, false]);
      expect(new Set(locks.map((lock) => lock.name)).size).toBe(locks.length);
    });

    it('loses its locks with its process', async () => {
      const machine = make();
      for (const lock of await machine.platform(alive).idleLocks()) await lock.take('work');
      machine.killed();
      expect(machine.isIdleHeld()).toBe(false);
    });

    it('leaves nothing running when nobody watches any more', async () => {
      const machine = make();
      const platform = machine.platform(alive);
      const end = platform.watch({
        sensors: () => {},
        changed: () => {},
        sleeping: () => {},
        woke: () => {},
      });
      const locks = await platform.idleLocks();
      for (const lock of locks) await lock.take('work');
      for (const lock of locks) await lock.letGo();
      end();
      expect(machine.running()).toBe(0);
    });

    it('holds the lid by its settings, and gives each its own value back', async () => {
      const machine = make();
      const platform = machine.platform(alive);
      const before = machine.settings();
      for (const lock of await platform.idleLocks()) await lock.take('work');
      const settings = await platform.lidSettings();
      const values = await Promise.all(settings.map(async (setting) => await setting.read()));
      for (const setting of settings) await setting.write(setting.ours);
      const held = (await platform.effects()).lid.effective;
      for (const [index, setting] of settings.entries()) {
        expect(await setting.read()).toBe(setting.ours);
        await setting.write(values[index] ?? null);
        expect(await setting.read()).toBe(values[index]);
      }
      expect([settings.length > 0, held, machine.settings()]).toEqual([true, true, before]);
    });

    describe('with the journal', () => {
      const folders: string[] = [];
      afterEach(() => {
        for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
      });

      it('leaves no setting changed, whatever is killed, fails or is changed meanwhile', async () => {
        await fc.assert(
          fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
            const folder = mkdtempSync(join(tmpdir(), 'porchlight-contract-'));
            folders.push(folder);
            const machine = make();
            const run = new Run(machine, folder);
            for (const one of acts) await run.do(one);
            await run.recoverWhole();
            expect(run.strangers()).toEqual([]);
            if (!acts.some(({ do: what }) => what === 'person'))
              expect(machine.settings()).toEqual(run.initial);
          }),
          { numRuns: 40 },
        );
      }, 60_000);
    });
  });
}

type Act =
  | {
      readonly do: 'hold' | 'release' | 'recover';
      readonly diesAt: number;
      readonly failsAt: number;
    }
  | { readonly do: 'person'; readonly which: number };

/** At which call of a tool the process dies, or the tool fails; mostly at none. */
const when = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 12 }));
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    do: fc.constantFrom('hold' as const, 'release' as const, 'recover' as const),
    diesAt: when,
    failsAt: when,
  }),
  fc.record({ do: fc.constant('person' as const), which: fc.nat(20) }),
);

/** Holders that come one after the other, and die. */
class Run {
  readonly initial: Readonly<Record<string, string>>;
  readonly #machine: MachineUnderTest;
  readonly #folder: string;
  readonly #seen = new Map<string, Set<string>>();
  #pid = 0;
  #holder: Holding | null = null;

  constructor(machine: MachineUnderTest, folder: string) {
    this.#machine = machine;
    this.#folder = folder;
    this.initial = machine.settings();
    this.#remember();
  }

  async do(one: Act): Promise<void> {
    if (one.do === 'person') {
      const { person } = this.#machine;
      person[one.which % person.length]?.();
      this.#remember();
      return;
    }
    const holder = (this.#holder ??= this.#start());
    const died = holder.plan(one.diesAt, one.failsAt);
    const work = holder[one.do]().catch(() => {});
    await Promise.race([work, died]);
    if (!holder.isDead) return;
    this.#machine.killed();
    this.#holder = null;
  }

  /** The last one is killed, the tools work, and the next one undoes what was left. */
  async recoverWhole(): Promise<void> {
    if (this.#holder !== null) {
      this.#holder.isDead = true;
      this.#machine.killed();
    }
    const last = this.#start();
    await last.recover();
    expect(last.left()).toEqual([]);
  }

  /** Settings with a value that neither was there nor was set by a person. */
  strangers(): string[] {
    return Object.entries(this.#machine.settings()).flatMap(([id, value]) =>
      this.#seen.get(id)?.has(value) === true ? [] : [`${id} is ${value}`],
    );
  }

  #start(): Holding {
    return new Holding(this.#machine, this.#folder, (this.#pid += 1), () => this.#holder);
  }

  #remember(): void {
    const held = this.#holder?.ours ?? new Map<string, string>();
    for (const [id, value] of Object.entries(this.#machine.settings())) {
      const seen = this.#seen.get(id) ?? new Set();
      // What a holder of ours set is not a person's.
      if (held.get(id) !== value && !this.#isOurs(id, value)) seen.add(value);
      this.#seen.set(id, seen);
    }
  }

  #isOurs(id: string, value: string): boolean {
    return this.#seen.has(id) && this.#machine.platform(alive).settingNamed(id)?.ours === value;
  }
}

/** One process of the holder, without its host. */
class Holding {
  isDead = false;
  readonly ours = new Map<string, string>();
  readonly #platform: Platform;
  readonly #claims: SettingClaims;
  readonly #journal: JournalFiles;
  readonly #held = new Map<Setting, JournalEntry | null>();
  #left = { untilDeath: 0, untilFailure: 0 };
  #die: () => void = () => {};

  constructor(
    machine: MachineUnderTest,
    folder: string,
    pid: number,
    living: () => Holding | null,
  ) {
    const me: Claim = { home: 'home', pid, startedAt: 'then' };
    const timers = new HastyTimers();
    const isAlive = async (claim: { pid: number }): Promise<boolean> =>
      claim.pid === pid || (living()?.isDead === false && living()?.pid === claim.pid);
    this.pid = pid;
    this.#platform = machine.platform(async () => await this.#step());
    this.#journal = new JournalFiles({
      folder,
      me: async () => me,
      isAlive,
      timers,
      onDamaged: (file) => {
        throw new Error(`${file} is damaged`);
      },
    });
    this.#claims = new SettingClaims({
      journal: this.#journal,
      me: async () => me,
      isAlive,
      timers,
    });
  }

  readonly pid: number;

  /** Resolves when it dies of it. */
  async plan(untilDeath: number, untilFailure: number): Promise<void> {
    this.#left = { untilDeath, untilFailure };
    await new Promise<void>((resolve) => {
      this.#die = resolve;
    });
  }

  async hold(): Promise<void> {
    for (const setting of await this.#platform.lidSettings()) {
      const known = [...this.#held.keys()].find(({ id }) => id === setting.id);
      if (known !== undefined) continue;
      this.ours.set(setting.id, setting.ours);
      this.#held.set(setting, null);
      this.#held.set(setting, await this.#claims.claim(setting));
    }
  }

  async release(): Promise<void> {
    for (const [setting, entry] of this.#held) {
      await this.#claims.release(setting, entry);
      this.#held.delete(setting);
      this.ours.delete(setting.id);
    }
  }

  async recover(): Promise<void> {
    const { failed } = await recoverAll({
      journal: this.#journal,
      claims: this.#claims,
      platform: this.#platform,
    });
    if (failed.length > 0) throw new Error(failed.map(({ message }) => message).join('; '));
  }

  left(): readonly string[] {
    return this.#journal.ids();
  }

  async #step(): Promise<void> {
    if (this.isDead) await new Promise<never>(() => {});
    if (this.#left.untilDeath > 0 && (this.#left.untilDeath -= 1) === 0) {
      this.isDead = true;
      this.#die();
      await new Promise<never>(() => {});
    }
    if (this.#left.untilFailure > 0 && (this.#left.untilFailure -= 1) === 0)
      throw new Error('the tool failed');
  }
}
