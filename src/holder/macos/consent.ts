import { lidRuleFile } from '../../local/lid-rule.ts';
import { NotHeld } from '../platform.ts';
import { asAdministrator, installScript, removeScript } from './rule-scripts.ts';
import { type MacosTools, OSASCRIPT, PMSET, SUDO, complaintOf } from './tools.ts';

/** A person looks for the password. */
const CONSENT_LIMIT_MS = 5 * 60_000;

const INSTALL_PROMPT =
  'Porchlight wants to keep this Mac awake with its lid closed while agents work. It adds one rule for sudo that allows exactly that setting, and nothing else.';
const REMOVE_PROMPT = 'Porchlight removes its rule for sudo.';

/** The rule for sudo, which is the person's consent: there by a password, gone by a password. */
export class Consent {
  readonly #tools: MacosTools;
  /** Asked of sudo once, since it writes every question into the system's log. */
  #isListed: boolean | null = null;

  constructor(tools: MacosTools) {
    this.#tools = tools;
  }

  get isGiven(): boolean {
    return this.#tools.uid > 0 && this.#tools.fileExists(lidRuleFile(this.#tools.uid));
  }

  /**
   * Whether sudo knows the rule. Yes is not yet proof: an administrator's own rule answers too, and a
   * later one may still want a password. That shows when the setting is written.
   */
  async isKnown(): Promise<boolean> {
    if (!this.isGiven) {
      this.#isListed = null;
      return false;
    }
    this.#isListed ??= await this.#tools
      .run(SUDO, ['-n', '-l', PMSET, '-a', 'disablesleep', '1'])
      .then(() => true)
      .catch(() => false);
    return this.#isListed;
  }

  async give(): Promise<string> {
    const { uid } = this.#tools;
    await this.#ask(asAdministrator(installScript(uid), INSTALL_PROMPT));
    this.#isListed = null;
    if (!this.isGiven) throw new NotHeld(`${lidRuleFile(uid)} is not there after all.`);
    return `Done: ${lidRuleFile(uid)} lets Porchlight keep this Mac awake with its lid closed. To undo it: porchlight power setup --undo, or delete that file.`;
  }

  async takeBack(): Promise<string> {
    const { uid } = this.#tools;
    if (!this.isGiven) return 'There was nothing to undo.';
    await this.#ask(asAdministrator(removeScript(uid), REMOVE_PROMPT));
    this.#isListed = null;
    if (this.isGiven) throw new NotHeld(`${lidRuleFile(uid)} is still there.`);
    return `Undone: ${lidRuleFile(uid)} is gone. A closed lid puts this Mac to sleep again.`;
  }

  async #ask(script: string): Promise<void> {
    try {
      await this.#tools.run(OSASCRIPT, ['-e', script], { limitMs: CONSENT_LIMIT_MS });
    } catch (error) {
      const said = complaintOf(error);
      // Its words are in the person's language; the numbers are not.
      if (said.includes('(-128)')) throw new NotHeld('Not set up: it was cancelled.', null);
      if (said.includes('(-1713)') || said.includes('(-10810)'))
        throw new NotHeld(
          'Nobody can be asked for a password here: there is no desktop session.',
          'Do it at the screen of this Mac, not over SSH.',
        );
      throw new NotHeld(`The rule for sudo could not be changed (${said}).`, null);
    }
  }
}
