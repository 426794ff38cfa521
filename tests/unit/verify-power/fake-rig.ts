import { macosPlatform } from '../../../src/holder/platform-here.macos.ts';
import { FakeMac } from '../../fakes/power-tools/fake-mac.ts';
import type { HolderSession, Person, Rig, SystemView } from '../../verify-power/rig.ts';
import { macosView } from '../../verify-power/view.macos.ts';

const HOLDER = 4711;
const WATCHDOG = 4712;

/** A Mac in memory with a holder that may forget what a real one does. */
export class FakeRig implements Rig {
  readonly mac = new FakeMac();
  readonly view: SystemView;
  /** What goes wrong. */
  watchdogForgets = false;
  releaseForgets = false;
  staysForEver = false;
  /** The lid, by the number of looks at it. */
  lidPlan: (look: number) => boolean = () => false;
  /** What a look costs, by its number. */
  lookMs: (look: number) => number = () => 100;
  #isAlive = false;
  #hasWatchdog = false;
  #before: string | null = null;
  #leftAtMs: number | null = null;
  #nowMs = 0;
  #looks = 0;

  constructor() {
    this.mac.hasRule = true;
    this.mac.says.set('/usr/bin/sw_vers -productVersion', '26.1\n');
    this.mac.says.set('/usr/sbin/sysctl -n hw.model', 'Mac14,2\n');
    const { run } = this.mac.tools();
    this.view = macosView(async (command, args, options) => {
      if (command === '/bin/ps')
        return this.#hasWatchdog
          ? `    1     0 /sbin/launchd\n ${WATCHDOG}  ${HOLDER} node main.js --watchdog\n`
          : '';
      if (command === '/usr/sbin/ioreg')
        return await run(command, ['-r', '-c', 'IOPMrootDomain', '-d', '1'], options);
      return await run(command, args, options);
    });
  }

  nowMs(): number {
    if (this.#leftAtMs !== null && this.#nowMs - this.#leftAtMs > 60_000 && !this.staysForEver) {
      this.#leftAtMs = null;
      this.#end();
    }
    return (this.#nowMs += 1);
  }

  async pause(ms: number): Promise<void> {
    this.#nowMs += ms;
    await Promise.resolve();
  }

  kill(pid: number): void {
    if (pid === WATCHDOG) this.#hasWatchdog = false;
    if (pid !== HOLDER) return;
    this.#isAlive = false;
    this.mac.killHolder();
    if (this.#hasWatchdog && !this.watchdogForgets) this.#restore();
    this.#hasWatchdog = false;
  }

  async undo(): Promise<string> {
    this.#end();
    return await Promise.resolve('There was nothing to undo.');
  }

  async start(): Promise<HolderSession> {
    const platform = macosPlatform(this.mac.tools());
    this.#isAlive = true;
    this.#restore();
    const [lock] = await platform.idleLocks();
    const reading = async () => ({
      effects: await platform.effects(),
      sensors: await platform.sensors(),
    });
    return {
      pid: HOLDER,
      isAlive: () => this.#isAlive,
      look: async () => {
        this.#nowMs += this.lookMs((this.#looks += 1));
        this.mac.lidClosed = this.lidPlan(this.#looks);
        return await reading();
      },
      want: async ({ idle, lid }) => {
        if (idle) await lock!.take('');
        else await lock!.letGo();
        const [setting] = await platform.lidSettings();
        if (lid && this.#before === null && setting !== undefined) {
          this.#before = await setting.read();
          this.#hasWatchdog = true;
          await setting.write('1').catch(() => {});
        } else if (!lid && !this.releaseForgets) this.#restore();
        return await reading();
      },
      setUp: async (undo) => ({
        do: 'setUp',
        message: await platform.setUp(undo),
        effects: await platform.effects(),
      }),
      leave: () => {
        this.#leftAtMs = this.#nowMs;
      },
      stop: async () => await Promise.resolve(this.#end()),
    };
  }

  #end(): void {
    this.#isAlive = false;
    this.mac.killHolder();
    this.#restore();
    this.#hasWatchdog = false;
  }

  #restore(): void {
    if (this.#before === null) return;
    this.mac.disableSleep = this.#before === '1' ? '1' : '0';
    this.mac.kernelDisabled = this.#before === '1';
    this.#before = null;
  }
}

/** One who agrees to all, or nobody. */
export const fakePerson = (isThere: boolean): Person => ({
  isThere,
  agrees: async () => await Promise.resolve(true),
  countDown: async () => await Promise.resolve(),
});
