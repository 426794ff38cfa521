import { lidRuleFile } from '../../local/lid-rule.ts';
import { NotHeld, type Setting } from '../platform.ts';
import { parseSleepDisabled } from './pmset.ts';
import { IOREG, type MacosTools, PMSET, SUDO, complaintOf, pause } from './tools.ts';
import { ROOT_DOMAIN_ARGS, type RootDomain, parseRootDomain } from './root-domain.ts';

const SETTLE_LIMIT_MS = 2_000;
const LOOK_EVERY_MS = 100;

const MANAGED_FIX =
  'A later rule of sudo overrides it, as is usual on managed Macs: ask whoever manages this Mac to allow these two commands without a password, behind all other rules.';

/**
 * `pmset -a disablesleep`: the only thing that keeps a Mac awake behind a closed lid, without a display
 * and on battery. It is kept on disk over a restart, and the kernel may forget it in a sleep while the
 * disk still says 1: so `read` tells what is set, and {@link readRootDomain} what is in effect.
 */
export class LidSetting implements Setting {
  static readonly id = 'pmset disablesleep';
  readonly id = LidSetting.id;
  readonly label = 'The setting disablesleep of this Mac';
  readonly ours = '1';
  readonly isLostInSleep = true;
  readonly #tools: MacosTools;

  constructor(tools: MacosTools) {
    this.#tools = tools;
  }

  async read(): Promise<string> {
    const value = parseSleepDisabled(await this.#tools.run(PMSET, ['-g']));
    if (value === null) throw new Error('pmset -g answered in a form that is not known here.');
    return value;
  }

  async write(value: string | null): Promise<void> {
    const wanted = value === '1' ? '1' : '0';
    try {
      // -n: it may fail, and never ask for a password.
      await this.#tools.run(SUDO, ['-n', PMSET, '-a', 'disablesleep', wanted]);
    } catch (error) {
      throw refusal(error, this.#tools.uid);
    }
    // pmset exits with 0 also where it was not allowed to.
    if ((await this.read()) !== wanted)
      throw new NotHeld(
        `pmset did not set disablesleep to ${wanted}.`,
        'A profile of whoever manages this Mac may forbid it.',
      );
    await this.#settle(wanted === '1');
  }

  /** powerd hands it to the kernel a moment later. */
  async #settle(wanted: boolean): Promise<void> {
    const { timers } = this.#tools;
    const untilMs = timers.nowMs() + SETTLE_LIMIT_MS;
    while (timers.nowMs() < untilMs) {
      const domain = await readRootDomain(this.#tools).catch(() => null);
      if (domain?.sleepDisabled == null || domain.sleepDisabled === wanted) return;
      await pause(timers, LOOK_EVERY_MS);
    }
  }
}

export async function readRootDomain(tools: MacosTools): Promise<RootDomain> {
  const domain = parseRootDomain(await tools.run(IOREG, ROOT_DOMAIN_ARGS));
  if (domain === null) throw new Error('ioreg answered in a form that is not known here.');
  return domain;
}

function refusal(error: unknown, uid: number): NotHeld {
  const said = complaintOf(error);
  if (/password is required|not allowed|may not run|not in the sudoers/u.test(said))
    return new NotHeld(
      `sudo refuses pmset although ${lidRuleFile(uid)} allows it (${said}).`,
      MANAGED_FIX,
    );
  return new NotHeld(`sudo could not run pmset (${said}).`, null);
}
