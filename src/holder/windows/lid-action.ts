import { NotHeld, type Setting } from '../platform.ts';
import {
  BUTTONS,
  LID_ACTION,
  LID_POLICY_KEY,
  type LidActions,
  type LidPolicy,
  NO_POLICY,
  parseActiveScheme,
  parseLidActions,
  parseLidPolicy,
  parseSchemes,
} from './powercfg.ts';
import { powercfgOf, regOf, type WindowsTools } from './tools.ts';

export type LidSource = 'ac' | 'dc';

/** Both values come with one question: asked for one, the other is not asked for again. */
const FRESH_MS = 500;
/** Policies come a few times a day. */
const POLICY_FRESH_MS = 5 * 60_000;
const NAMES = { ac: 'on mains', dc: 'on battery' } as const;
export const POLICY_FIX =
  'Ask whoever manages this PC to leave "Select the lid switch action" to its users (Administrative Templates, System, Power Management, Button Settings).';

/** What closing the lid does, in the power plans of this machine. */
export class LidPlans {
  readonly #tools: WindowsTools;
  #asked: {
    readonly scheme: string;
    readonly atMs: number;
    readonly actions: LidActions | null;
  } | null = null;
  #policy: { readonly atMs: number; readonly policy: LidPolicy } | null = null;

  constructor(tools: WindowsTools) {
    this.#tools = tools;
  }

  async activeScheme(): Promise<string> {
    const scheme = parseActiveScheme(await this.#powercfg('/getactivescheme'));
    if (scheme === null) throw new Error('powercfg does not say which power plan is active.');
    return scheme;
  }

  /** null: the plan has no such setting, as on a desktop, or is gone. */
  async actions(scheme: string): Promise<LidActions | null> {
    const { timers } = this.#tools;
    const asked = this.#asked;
    if (asked?.scheme === scheme && timers.nowMs() - asked.atMs < FRESH_MS) return asked.actions;
    const actions = await this.#query(scheme);
    this.#asked = { scheme, atMs: timers.nowMs(), actions };
    return actions;
  }

  async set(scheme: string, source: LidSource, value: string): Promise<void> {
    this.#asked = null;
    const verb = source === 'ac' ? '/setacvalueindex' : '/setdcvalueindex';
    await this.#powercfg(verb, scheme, BUTTONS, LID_ACTION, value);
    // A changed plan counts when it is made active; another one that is by now stays so.
    if ((await this.activeScheme()) === scheme) await this.#powercfg('/setactive', scheme);
    this.#asked = null;
  }

  async policy(): Promise<LidPolicy> {
    const { timers, run } = this.#tools;
    if (this.#policy !== null && timers.nowMs() - this.#policy.atMs < POLICY_FRESH_MS)
      return this.#policy.policy;
    // It fails where the key is not there, in the words of its language.
    const policy = await run(regOf(this.#tools), ['query', LID_POLICY_KEY])
      .then(parseLidPolicy)
      .catch(() => NO_POLICY);
    this.#policy = { atMs: timers.nowMs(), policy };
    return policy;
  }

  async #query(scheme: string): Promise<LidActions | null> {
    try {
      const shown = parseLidActions(await this.#powercfg('/query', scheme, BUTTONS, LID_ACTION));
      // Some makers hide the setting; it counts all the same.
      return shown ?? parseLidActions(await this.#powercfg('/qh', scheme, BUTTONS, LID_ACTION));
    } catch (error) {
      if (!parseSchemes(await this.#powercfg('/list')).includes(scheme)) return null;
      throw error;
    }
  }

  async #powercfg(...args: readonly string[]): Promise<string> {
    return await this.#tools.run(powercfgOf(this.#tools), args);
  }
}

const ID = /^powercfg ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) LIDACTION (ac|dc)$/u;

/** What closing the lid does in one plan, on mains or on battery. */
export class LidAction implements Setting {
  readonly id: string;
  readonly label: string;
  readonly ours = '0';
  readonly isLostInSleep = false;
  readonly #plans: LidPlans;
  readonly #scheme: string;
  readonly #source: LidSource;

  constructor(plans: LidPlans, scheme: string, source: LidSource) {
    this.#plans = plans;
    this.#scheme = scheme;
    this.#source = source;
    this.id = `powercfg ${scheme} LIDACTION ${source}`;
    this.label = `What closing the lid does ${NAMES[source]}`;
  }

  static named(plans: LidPlans, id: string): LidAction | null {
    const [, scheme, source] = ID.exec(id) ?? [];
    if (scheme === undefined || (source !== 'ac' && source !== 'dc')) return null;
    return new LidAction(plans, scheme, source);
  }

  async read(): Promise<string | null> {
    return (await this.#plans.actions(this.#scheme))?.[this.#source] ?? null;
  }

  async write(value: string | null): Promise<void> {
    // It was not there before, and what is not there cannot be taken out.
    if (value === null) return;
    if (!/^[0-9]{1,3}$/u.test(value)) throw new Error(`The lid cannot be set to ${value}.`);
    try {
      await this.#plans.set(this.#scheme, this.#source, value);
    } catch (error) {
      throw await this.#refusal(error);
    }
  }

  async #refusal(error: unknown): Promise<Error> {
    const policy = await this.#plans.policy();
    if (policy[this.#source] !== null)
      return new NotHeld(
        `A group policy says what closing the lid does ${NAMES[this.#source]}.`,
        POLICY_FIX,
      );
    // In its own language; the first line is ours: the command.
    const said = error instanceof Error ? error.message.split('\n').slice(1).join(' ').trim() : '';
    return new NotHeld(
      `powercfg did not change what closing the lid does ${NAMES[this.#source]}${said === '' ? '' : ` (${said.slice(0, 200)})`}.`,
      'See whether the power plan can be changed in the Control Panel, under "Choose what closing the lid does".',
    );
  }
}
