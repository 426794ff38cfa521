import type { Timers } from '../../../src/connection/timers.ts';
import type { WindowsTools } from '../../../src/holder/windows/tools.ts';
import { FakeLongTool, HastyTimers, ToolFailed } from './fake-tools.ts';
import {
  activeScheme,
  BALANCED,
  type Language,
  lidlessQuery,
  lidQuery,
  PERFORMANCE,
  policyQuery,
  REFUSED,
  schemes,
} from './recorded-windows.ts';

const SYSTEM = 'C:\\Windows\\System32';

/** A PC in memory: what its tools would do and say. What a test sets is public. */
export class FakeWindows {
  language: Language = 'english';
  active: string = BALANCED;
  /** What closing the lid does, by plan. */
  readonly plans = new Map<string, { ac: number; dc: number }>([
    [BALANCED, { ac: 1, dc: 1 }],
    [PERFORMANCE, { ac: 1, dc: 2 }],
  ]);
  /** The maker hides the setting, or there is none. */
  lidSetting: 'shown' | 'hidden' | 'none' = 'shown';
  policy: { ac?: number; dc?: number } | null = null;
  /** What powercfg says instead of changing something. */
  refuses: string | null = null;
  hasLid = true;
  lidClosed: boolean | null = false;
  s3 = true;
  modernStandby = false;
  power = { mains: 0, flag: 0, percent: 71 };
  tenthsKelvin: number[] = [3009, 3342];
  /** Constrained language mode: no type may be compiled. */
  constrained = false;
  noPowerShell = false;
  /** A sleep that a person asks for ends power requests. */
  countsRequests = true;
  readonly ran: string[] = [];
  readonly asked: string[] = [];
  readonly running: FakeLongTool[] = [];
  reason: string | null = null;
  #requestOf: FakeLongTool | null = null;
  #lastPid = 1_000;

  get isIdleHeld(): boolean {
    return this.#requestOf?.isRunning === true;
  }

  killHolder(): void {
    for (const tool of this.running) tool.die();
  }

  /** Said by Windows, to whoever listens. */
  tell(word: string): void {
    for (const tool of this.running) tool.say(`! ${word}`);
  }

  tools(timers: Timers = new HastyTimers()): WindowsTools {
    return {
      timers,
      system: SYSTEM,
      uptimeMs: () => timers.nowMs(),
      run: async (command, args) => await Promise.resolve(this.#run(command, args)),
      start: (command, args, events) => {
        this.ran.push(command);
        const tool = new FakeLongTool((this.#lastPid += 1), events, (line, from) =>
          this.#answer(line, from),
        );
        this.running.push(tool);
        if (this.noPowerShell) tool.die(`spawn ${command} ENOENT`);
        else if (this.constrained) {
          tool.say(
            '! failed Cannot add type. Definition of new types is not supported in this language mode.',
          );
          tool.die('powershell.exe exited with 1');
        } else tool.say('! ready');
        if (args[3] !== '-Command') throw new Error('PowerShell was started in another way');
        return tool;
      },
    };
  }

  #answer(line: string, tool: FakeLongTool): void {
    const [id = '', verb = '', given = ''] = line.split(' ');
    this.asked.push(verb);
    setImmediate(() => tool.say(`= ${id} ${JSON.stringify(this.#do(verb, given, tool))}`));
  }

  #do(verb: string, given: string, tool: FakeLongTool): unknown {
    switch (verb) {
      case 'hold':
        this.#requestOf = tool;
        this.reason = Buffer.from(given, 'base64').toString('utf8');
        this.countsRequests = true;
        return {};
      case 'drop':
        this.#requestOf = null;
        return {};
      case 'state':
        return { execution: this.isIdleHeld && this.countsRequests ? 1 : 0 };
      case 'about':
        return { lid: this.hasLid, s3: this.s3, modernStandby: this.modernStandby };
      case 'power':
        return this.power;
      case 'lid':
        return { closed: this.lidClosed };
      case 'heat':
        return { tenthsKelvin: this.tenthsKelvin };
      case 'screenOff':
      case 'sleep':
      case 'hibernate':
        return {};
      default:
        return { error: `unknown: ${verb}` };
    }
  }

  #run(command: string, args: readonly string[]): string {
    this.ran.push([command.slice(SYSTEM.length + 1), ...args].join(' '));
    if (command === `${SYSTEM}\\reg.exe`) {
      if (this.policy === null)
        throw new ToolFailed(
          command,
          args,
          'FEHLER: Der angegebene Registrierungsschlüssel wurde nicht gefunden.',
        );
      return policyQuery(this.policy);
    }
    const [verb, scheme = '', , , value = ''] = args;
    const plan = this.plans.get(scheme);
    switch (verb) {
      case '/getactivescheme':
        return activeScheme(this.language, this.active);
      case '/list':
        return schemes(this.language, [...this.plans.keys()], this.active);
      case '/query':
      case '/qh':
        if (plan === undefined) throw new ToolFailed(command, args, REFUSED.unknownScheme);
        return this.lidSetting === 'shown' || (this.lidSetting === 'hidden' && verb === '/qh')
          ? lidQuery(this.language, scheme, plan)
          : lidlessQuery(scheme);
      case '/setacvalueindex':
      case '/setdcvalueindex': {
        const source = verb === '/setacvalueindex' ? 'ac' : 'dc';
        if (plan === undefined) throw new ToolFailed(command, args, REFUSED.unknownScheme);
        if (this.refuses !== null) throw new ToolFailed(command, args, this.refuses);
        if (this.policy?.[source] !== undefined)
          throw new ToolFailed(command, args, REFUSED.english);
        plan[source] = Number(value);
        return '';
      }
      case '/setactive':
        this.active = scheme;
        return '';
      default:
        throw new Error(`the fake PC knows no powercfg ${args.join(' ')}`);
    }
  }
}
