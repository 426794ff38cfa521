import { Emitter } from '../../src/base/emitter.ts';
import type { HolderPort, HolderReading } from '../../src/host/power/holder-port.ts';
import type {
  HolderEffect,
  HolderNotice,
  HolderSensors,
  HolderWant,
} from '../../src/protocol/holder.ts';

const AWAY: HolderSensors = {
  ...{ battery: null, heat: null, lidClosed: null, externalDisplay: null },
};
const NOTHING: HolderWant = { idle: false, lid: false, why: '' };

/** A holder in memory: does what it is told at once, and says so a turn of the event loop later. */
export class FakeHolder implements HolderPort {
  readonly notices = new Emitter<HolderNotice>();
  readonly reached = new Emitter<HolderReading | null>();
  problem: string | null = null;
  /** What it was told, in order. */
  readonly told: string[] = [];
  sensors: HolderSensors = AWAY;
  /** What the system makes of a lock that is held. */
  system = { idle: true, lid: true };
  held: HolderWant = NOTHING;
  isRunning = false;
  /** It is there and says nothing any more. */
  isMute = false;
  /** It cannot be started. */
  isBroken = false;
  #isStarting = false;
  #answers: (() => void)[] = [];

  start(): void {
    // A real one pauses between two tries.
    if (this.isRunning || this.#isStarting || (this.isBroken && this.problem !== null)) return;
    this.told.push('start');
    this.#isStarting = true;
    void this.#later(() => {
      this.#isStarting = false;
      if (this.isBroken) {
        this.problem = 'it does not start';
        return this.reached.emit(null);
      }
      this.#up();
    });
  }

  async find(): Promise<boolean> {
    return await Promise.resolve(this.isRunning);
  }

  async want({ idle, lid, why }: HolderWant): Promise<HolderReading> {
    await this.#there();
    this.told.push(`want ${lid ? 'lid' : idle ? 'idle' : 'nothing'}`);
    this.held = { idle, lid, why };
    return await this.#answered();
  }

  async look(): Promise<HolderReading> {
    await this.#there();
    this.told.push('look');
    return await this.#answered();
  }

  async readyToSleep(): Promise<void> {
    await Promise.resolve();
  }

  async sleepNow(): Promise<void> {
    await this.#there();
    this.told.push('sleepNow');
  }

  async setUp(): ReturnType<HolderPort['setUp']> {
    await this.#there();
    return { message: 'Done.', effects: this.reading().effects };
  }

  async stop(): Promise<void> {
    await Promise.resolve();
    if (!this.isRunning) return;
    this.told.push('stop');
    this.die();
  }

  close(): void {
    this.isMute = true;
  }

  /** SIGKILL: everything it held is gone with it. */
  die(): void {
    this.isRunning = false;
    this.held = NOTHING;
    this.#answers = [];
    this.reached.emit(null);
  }

  tellSensors(sensors: Partial<HolderSensors>): void {
    this.sensors = { ...this.sensors, ...sensors };
    if (this.isRunning && !this.isMute)
      this.notices.emit({ tell: 'sensors', sensors: this.sensors });
  }

  tellEffects(): void {
    if (this.isRunning && !this.isMute)
      this.notices.emit({ tell: 'effects', effects: this.reading().effects });
  }

  reading(): HolderReading {
    const effect = (isHeld: boolean, isDone: boolean): HolderEffect => ({
      effective: isHeld && isDone,
      reason: isHeld && !isDone ? 'the system refused it' : null,
      fix: isHeld && !isDone ? 'ask the system' : null,
    });
    return {
      effects: {
        idle: effect(this.held.idle, this.system.idle),
        lid: { ...effect(this.held.lid, this.system.lid), setUp: null },
      },
      sensors: this.sensors,
    };
  }

  async #there(): Promise<void> {
    if (!this.isRunning) {
      if (this.isBroken) throw new Error('it does not start');
      this.#up();
    }
    await Promise.resolve();
  }

  #up(): void {
    this.isRunning = true;
    this.problem = null;
    this.reached.emit(this.reading());
  }

  async #answered(): Promise<HolderReading> {
    return await new Promise<HolderReading>((resolve) => {
      const answer = () => resolve(this.reading());
      if (this.isMute) this.#answers.push(answer);
      else void this.#later(answer);
    });
  }

  async #later(act: () => void): Promise<void> {
    await Promise.resolve();
    act();
  }
}
