import { RpcFailure } from '../../protocol/errors.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { MAX_RULES, rulesFileSchema, type Rule } from '../../protocol/rules/rule.ts';
import { writePrivate } from '../devices/private-file.ts';
import type { GoodSets } from './good-sets.ts';
import { parseRuleFile, tighteningOf } from './parse-file.ts';
import type { CommandProblem } from './rule-checks.ts';
import { MAX_RULE_FILE_BYTES, readSafely, stampOf, type Keepers } from './safe-read.ts';

export interface UserRulesState {
  readonly state: 'ok' | 'none' | 'bad';
  /** In the order of the file; of a bad one those that hold in its place. */
  readonly rules: readonly Rule[];
  readonly problem: string | null;
}

export interface UserRulesNeeds {
  readonly path: string;
  readonly keepers: Keepers;
  readonly good: GoodSets;
  readonly logger: Logger;
  readonly commandProblem: CommandProblem;
}

/** `rules.json` of the user: looked at on each use, kept as it last was when it is bad, written whole. */
export class UserRules {
  readonly changed = new Emitter<UserRulesState>();
  readonly #needs: UserRulesNeeds;
  #stamp: string;
  #now: UserRulesState;

  constructor(needs: UserRulesNeeds) {
    this.#needs = needs;
    this.#stamp = stampOf(needs.path);
    this.#now = this.#read();
  }

  get path(): string {
    return this.#needs.path;
  }

  current(): UserRulesState {
    const stamp = stampOf(this.path);
    if (stamp === this.#stamp) return this.#now;
    this.#stamp = stamp;
    this.#now = this.#read();
    this.changed.emit(this.#now);
    return this.#now;
  }

  /**
   * Replaces the rules by what `edit` makes of those that stand there now; the same array changes
   * nothing. Throws an `RpcFailure` in words: a bad file is for its writer to mend, since what it was
   * meant to say would be lost.
   */
  edit(edit: (rules: readonly Rule[]) => readonly Rule[]): void {
    const { state, rules, problem } = this.current();
    if (state === 'bad')
      throw new RpcFailure('refused', `Nothing is written to a bad file: ${problem ?? this.path}`);
    const edited = edit(rules);
    if (edited === rules) return;
    if (edited.length > MAX_RULES)
      throw new RpcFailure(
        'refused',
        `There are ${MAX_RULES} rules in ${this.path}, and there cannot be more: remove some with "porchlight rules remove N".`,
      );
    const text = `${JSON.stringify({ version: 1, rules: edited }, null, 2)}\n`;
    if (Buffer.byteLength(text) > MAX_RULE_FILE_BYTES)
      throw new RpcFailure('tooLarge', `The file ${this.path} would be larger than 4 MiB.`);
    writePrivate(this.path, text);
    this.current();
  }

  #read(): UserRulesState {
    const { path, keepers, good, commandProblem } = this.#needs;
    const read = readSafely(path, keepers);
    if (read.kind === 'none') {
      good.forget('user');
      return { state: 'none', rules: [], problem: null };
    }
    if (read.kind === 'unreadable') return this.#bad(read.problem, []);
    const parsed =
      read.kind === 'open' ? read : parseRuleFile(read.bytes, rulesFileSchema, commandProblem);
    if ('problem' in parsed)
      return this.#bad(parsed.problem, tighteningOf(read.bytes, commandProblem));
    good.keep('user', parsed.value);
    return { state: 'ok', rules: parsed.value.rules, problem: null };
  }

  #bad(problem: string, tightening: readonly Rule[]): UserRulesState {
    const { path, good, logger } = this.#needs;
    const last = good.of('user', rulesFileSchema);
    logger.warn({ path, problem }, "the user's rules are bad");
    const meanwhile =
      last === null ? 'only its rules that deny or ask hold' : 'the rules from before hold';
    return {
      state: 'bad',
      rules: last?.rules ?? tightening,
      problem: `${path}: ${problem}. Until that is mended, ${meanwhile}.`,
    };
  }
}
