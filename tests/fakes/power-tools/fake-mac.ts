import type { Timers } from '../../../src/connection/timers.ts';
import type { MacosTools } from '../../../src/holder/macos/tools.ts';
import { lidRuleFile } from '../../../src/local/lid-rule.ts';
import { FakeLongTool, HastyTimers, ToolFailed } from './fake-tools.ts';
import {
  assertions,
  BATTERY,
  caffeinateLine,
  PMSET_FRESH,
  pmset,
  rootDomain,
  THERM,
} from './recorded-macos.ts';

/** A Mac in memory: what its tools would do and say. What a test sets is public. */
export class FakeMac {
  /** What is on disk; null: nobody ever set it. */
  disableSleep: '0' | '1' | null = null;
  /** What the kernel goes by, which a sleep may lose. */
  kernelDisabled = false;
  lidClosed: boolean | null = false;
  docked = false;
  isDarkWake = false;
  battery: string = BATTERY.onBattery;
  therm: string = THERM.silicon;
  thermalState = '0';
  hasRule = false;
  /** What sudo says instead of doing it; a later rule on a managed Mac, say. */
  sudoRefuses: string | null = null;
  /** pmset exits with 0 and does nothing, as it does for who is not allowed. */
  pmsetIgnores = false;
  /** What osascript says instead of installing the rule. */
  consent: 'given' | 'cancelled' | 'nobody there' = 'given';
  /** Tools that are not there, by their path. */
  readonly missing = new Set<string>();
  /** Output instead of the real, by the command with its arguments. */
  readonly says = new Map<string, string>();
  /** All that was run, in order. */
  readonly ran: string[] = [];
  readonly running: FakeLongTool[] = [];
  /** On top of what the clock of the tools says: a sleep. */
  sleptMs = 0;
  readonly #caffeinated = new Map<number, number>();
  #lastPid = 98_216;

  get isIdleHeld(): boolean {
    return this.running.some((tool) => tool.isRunning && this.#caffeinated.has(tool.pid));
  }

  /** A sleep: the kernel forgets. */
  sleepAndWake(): void {
    this.kernelDisabled = false;
  }

  /** SIGKILL of the holder: what hangs on its pipes or its life ends. */
  killHolder(): void {
    for (const tool of this.running) tool.die();
  }

  tools({
    timers = new HastyTimers(),
    uid = 501,
  }: { timers?: Timers; uid?: number } = {}): MacosTools {
    return {
      timers,
      pid: 4711,
      uid,
      fileExists: (path) => path === lidRuleFile(uid) && this.hasRule,
      uptimeMs: () => timers.nowMs() + this.sleptMs,
      run: async (command, args) => {
        const said = this.#run(command, args);
        return await Promise.resolve(said);
      },
      start: (command, args, events) => {
        this.ran.push([command, ...args].join(' '));
        const tool = new FakeLongTool((this.#lastPid += 1), events);
        this.running.push(tool);
        if (this.missing.has(command)) {
          tool.die(`spawn ${command} ENOENT`);
          return tool;
        }
        if (command.endsWith('caffeinate')) this.#caffeinated.set(tool.pid, Number(args[2]));
        return tool;
      },
    };
  }

  #run(command: string, args: readonly string[]): string {
    const whole = [command, ...args].join(' ');
    this.ran.push(whole);
    if (this.missing.has(command)) throw new Error(`spawn ${command} ENOENT`);
    const instead = this.says.get(whole);
    if (instead !== undefined) return instead;
    switch (whole) {
      case '/usr/bin/pmset -g':
        return this.disableSleep === null ? PMSET_FRESH : pmset(this.disableSleep === '1' ? 1 : 0);
      case '/usr/bin/pmset -g batt':
        return this.battery;
      case '/usr/bin/pmset -g therm':
        return this.therm;
      case '/usr/bin/pmset -g assertions':
        return assertions(
          this.running
            .filter((tool) => tool.isRunning && this.#caffeinated.has(tool.pid))
            .map((tool) => caffeinateLine(tool.pid, this.#caffeinated.get(tool.pid) ?? 0)),
        );
      case '/usr/sbin/ioreg -r -c IOPMrootDomain -d 1':
        return rootDomain({
          closed: this.lidClosed,
          causesSleep: !this.docked,
          disabled: this.kernelDisabled,
          capabilities: this.isDarkWake ? 9 : 15,
        });
      case '/usr/bin/sudo -n -l /usr/bin/pmset -a disablesleep 1':
        if (this.hasRule) return '/usr/bin/pmset -a disablesleep 1\n';
        throw new ToolFailed(command, args, 'sudo: a password is required');
      case '/usr/bin/sudo -n /usr/bin/pmset -a disablesleep 0':
      case '/usr/bin/sudo -n /usr/bin/pmset -a disablesleep 1':
        return this.#set(command, args);
      case '/usr/bin/pmset sleepnow':
        return 'Sleeping now...\n';
      case '/usr/bin/pmset displaysleepnow':
        return '';
      default:
        if (command === '/usr/bin/osascript') return this.#script(command, args);
        throw new Error(`the fake Mac knows no ${whole}`);
    }
  }

  #set(command: string, args: readonly string[]): string {
    if (this.sudoRefuses !== null) throw new ToolFailed(command, args, this.sudoRefuses);
    if (!this.hasRule) throw new ToolFailed(command, args, 'sudo: a password is required');
    if (this.pmsetIgnores) return "'pmset' must be run as root...\n";
    this.disableSleep = args.at(-1) === '1' ? '1' : '0';
    this.kernelDisabled = this.disableSleep === '1';
    return '';
  }

  #script(command: string, args: readonly string[]): string {
    const script = args.at(-1) ?? '';
    if (args[0] === '-l') return `${this.thermalState}\n`;
    if (this.consent === 'cancelled')
      throw new ToolFailed(command, args, '0:512: execution error: User canceled. (-128)');
    if (this.consent === 'nobody there')
      throw new ToolFailed(
        command,
        args,
        '0:512: execution error: No user interaction allowed. (-1713)',
      );
    this.hasRule = script.includes('visudo');
    return '';
  }
}
