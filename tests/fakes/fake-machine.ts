import type { Timers } from '../../src/connection/timers.ts';
import type { Claim, Journal, JournalCell, JournalEntry } from '../../src/holder/journal.ts';
import {
  NotHeld,
  type Lock,
  type Platform,
  type PlatformEvents,
  type Setting,
} from '../../src/holder/platform.ts';
import type { HolderSensors } from '../../src/protocol/holder.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How the tools of the machine answer; the last three only when they change something. */
export type Mood = 'works' | 'fails' | 'hangs' | 'isSlow' | 'isStuck' | 'failsAfterwards';

const READ_MS = 5;
const WRITE_MS = 20;
const SLOW_MS = 2_500;
/** A tool that hangs does what it was asked for after this, or never. */
const HUNG_MS = 12_000;
const NEVER = new Promise<never>(() => {});

interface FakeSetting {
  value: string | null;
  /** What it would be without Porchlight. */
  base: string | null;
  readonly isLostInSleep: boolean;
}

export const OURS = 'ours';

/** A machine with settings and locks that outlive, or do not outlive, the processes on it. */
export class FakeMachine {
  readonly time: VirtualTime;
  readonly settings = new Map<string, FakeSetting>();
  /** Those that are held: `<pid> <name>`. */
  readonly locks = new Set<string>();
  readonly entries = new Map<string, JournalEntry>();
  readonly processes = new Map<number, FakeProcess>();
  sensors: HolderSensors = { battery: null, heat: null, lidClosed: false, externalDisplay: null };
  mood: Mood = 'works';
  toolsAtWork = 0;
  /** A person has consented. */
  hasConsent = true;
  /** Asked for by whom does not matter here. */
  readonly calls: string[] = [];
  readonly #turns = new Map<string, { pid: number; done: Promise<void> }>();
  #pids = 100;
  #sleptMs = 0;

  constructor(time: VirtualTime) {
    this.time = time;
  }

  start(home: string): FakeProcess {
    const process = new FakeProcess(this, home, ++this.#pids);
    this.processes.set(process.pid, process);
    return process;
  }

  /** Somebody else than us. */
  change(id: string, value: string | null): void {
    const setting = this.settingOf(id);
    setting.value = value;
    setting.base = value;
  }

  settingOf(id: string): FakeSetting {
    const setting = this.settings.get(id);
    if (setting === undefined) throw new Error(`no setting ${id}`);
    return setting;
  }

  /** Sleeps; some settings do not live through it. */
  async sleep(forMs: number): Promise<void> {
    for (const process of this.processes.values()) process.events?.sleeping();
    await this.time.advance(100);
    for (const setting of this.settings.values())
      if (setting.isLostInSleep && setting.value === OURS) setting.value = setting.base;
    this.#sleptMs += forMs;
    await this.time.sleep(forMs);
    for (const process of this.processes.values()) process.events?.woke();
    await this.time.advance(0);
  }

  /** Without the time that it slept. */
  get awakeMs(): number {
    return this.time.nowMs() - this.#sleptMs;
  }

  /** Nobody changes anything at this moment. */
  get isQuiet(): boolean {
    const isTurn = [...this.#turns.values()].some(({ pid }) => this.processes.has(pid));
    return !isTurn && this.toolsAtWork === 0;
  }

  async turn(id: string, of: FakeProcess): Promise<() => void> {
    for (;;) {
      const owner = this.#turns.get(id);
      if (owner === undefined || !this.processes.has(owner.pid)) break;
      await Promise.race([owner.done, this.time.wait(20)]);
    }
    let end = (): void => {};
    const done = new Promise<void>((resolve) => (end = resolve));
    const turn = { pid: of.pid, done };
    this.#turns.set(id, turn);
    return () => {
      if (this.#turns.get(id) === turn) this.#turns.delete(id);
      end();
    };
  }
}

/** One process: a holder or a watchdog. Killed, nothing that it does has any effect. */
export class FakeProcess {
  readonly machine: FakeMachine;
  readonly home: string;
  readonly pid: number;
  readonly onDeath: (() => void)[] = [];
  events: PlatformEvents | null = null;
  /** It is killed at this step; null: it is not. */
  diesAtStep: number | null = null;
  steps = 0;

  constructor(machine: FakeMachine, home: string, pid: number) {
    this.machine = machine;
    this.home = home;
    this.pid = pid;
  }

  get isAlive(): boolean {
    return this.machine.processes.has(this.pid);
  }

  readonly timers: Timers = {
    nowMs: () => this.machine.time.nowMs(),
    after: (delayMs, run) =>
      this.machine.time.after(delayMs, () => {
        if (this.isAlive) run();
      }),
  };

  kill(): void {
    const { machine } = this;
    if (!machine.processes.delete(this.pid)) return;
    this.events = null;
    for (const lock of machine.locks)
      if (lock.startsWith(`${this.pid} `)) machine.locks.delete(lock);
    for (const tell of this.onDeath) tell();
  }

  readonly isLiving = async ({ pid }: Pick<Claim, 'pid'>): Promise<boolean> =>
    this.machine.processes.has(pid);

  readonly me = async (): Promise<Claim> => ({
    home: this.home,
    pid: this.pid,
    startedAt: String(this.pid),
  });

  readonly journal: Journal = {
    ids: () => [...this.machine.entries.keys()],
    withEntry: async (id, work) => {
      const end = await this.machine.turn(id, this);
      try {
        await this.#step();
        return await work(this.#cell(id));
      } finally {
        end();
      }
    },
  };

  #cell(id: string): JournalCell {
    const { entries } = this.machine;
    return {
      read: () => entries.get(id) ?? null,
      write: (entry) => {
        this.#stepNow();
        if (this.isAlive) entries.set(id, entry);
        this.#stepNow();
      },
      remove: () => {
        this.#stepNow();
        if (this.isAlive) entries.delete(id);
        this.#stepNow();
      },
    };
  }

  get platform(): Platform {
    const { machine } = this;
    const lock = (name: string): Lock => this.#lock(name);
    const idle = [lock('idle')];
    const lid = [lock('lid')];
    const settings = [...machine.settings.keys()].map((id) => this.#setting(id));
    return {
      idleLocks: async () => await this.#asked(() => idle),
      lidLocks: async () => await this.#asked(() => lid),
      lidSettings: async () => await this.#asked(() => (machine.hasConsent ? settings : [])),
      settingNamed: (id) => (machine.settings.has(id) ? this.#setting(id) : null),
      effects: async () =>
        await this.#asked(() => {
          const isOurs = [...machine.settings.values()].every(({ value }) => value === OURS);
          const has = (name: string): boolean =>
            [...machine.locks].some((held) => held.endsWith(name));
          return {
            idle: { effective: has(' idle'), reason: null, fix: null },
            lid: {
              effective: has(' lid') && isOurs,
              reason: null,
              fix: null,
              setUp: machine.hasConsent ? ('done' as const) : ('needed' as const),
            },
          };
        }),
      sensors: async () => await this.#asked(() => machine.sensors),
      watch: (events) => {
        this.events = events;
        return () => {
          this.events = null;
        };
      },
      delay: lock('delay'),
      displayOff: async () => void machine.calls.push('displayOff'),
      sleepIfLidClosed: async () => void machine.calls.push('sleepIfLidClosed'),
      sleepNow: async () => void machine.calls.push('sleepNow'),
      setUp: async (undo) => {
        machine.hasConsent = !undo;
        return undo ? 'Undone.' : 'Done.';
      },
    };
  }

  /** The child that holds a lock is killed by somebody. */
  loseLock(name: string): void {
    if (this.machine.locks.delete(`${this.pid} ${name}`))
      for (const tell of this.#lost.get(name) ?? []) tell();
  }

  readonly #lost = new Map<string, (() => void)[]>();

  #lock(name: string): Lock {
    const { machine } = this;
    const key = `${this.pid} ${name}`;
    let wanted = 0;
    return {
      name,
      take: async () => {
        const mine = ++wanted;
        await this.#tool(READ_MS);
        if (mine !== wanted) throw new NotHeld('let go meanwhile');
        if (this.isAlive) machine.locks.add(key);
        await this.#step();
      },
      letGo: async () => {
        wanted += 1;
        await this.#tool(READ_MS);
        machine.locks.delete(key);
      },
      onLost: (listener) => void this.#lost.set(name, [...(this.#lost.get(name) ?? []), listener]),
    };
  }

  #setting(id: string): Setting {
    const { machine } = this;
    const setting = machine.settingOf(id);
    return {
      id,
      label: `The setting ${id}`,
      ours: OURS,
      isLostInSleep: setting.isLostInSleep,
      read: async () => {
        await this.#tool(READ_MS);
        return setting.value;
      },
      write: async (value) => {
        await this.#step();
        const { mood } = machine;
        if (mood === 'fails') throw new Error('denied');
        const isHung = mood === 'hangs' || mood === 'isStuck';
        const takesMs = mood === 'isSlow' ? SLOW_MS : isHung ? HUNG_MS : WRITE_MS;
        machine.toolsAtWork += 1;
        // The tool is a process of its own: it does what it does, whoever is killed meanwhile.
        machine.time.after(takesMs - WRITE_MS / 2, () => {
          machine.toolsAtWork -= 1;
          if (this.isAlive || !isHung) setting.value = value;
        });
        await this.#pass(takesMs);
        if (mood === 'failsAfterwards') throw new Error('it did it, and says that it did not');
        await this.#step();
      },
    };
  }

  async #asked<T>(answer: () => T): Promise<T> {
    await this.#tool(READ_MS);
    return answer();
  }

  async #tool(ms: number): Promise<void> {
    await this.#step();
    const { mood } = this.machine;
    if (mood === 'fails') throw new Error('denied');
    if (mood === 'hangs') await this.#pass(HUNG_MS);
    else await this.#pass(ms);
  }

  async #pass(ms: number): Promise<void> {
    await new Promise<void>((resolve) => void this.timers.after(ms, resolve));
  }

  async #step(): Promise<void> {
    this.#stepNow();
    if (!this.isAlive) await NEVER;
  }

  #stepNow(): void {
    this.steps += 1;
    if (this.steps === this.diesAtStep) this.kill();
  }
}
