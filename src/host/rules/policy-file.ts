import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { policySchema, type Policy } from '../../protocol/config.ts';
import type { Rule } from '../../protocol/rules/rule.ts';
import type { GoodSets } from './good-sets.ts';
import { parseRuleFile, tighteningOf } from './parse-file.ts';
import type { PolicyPlace } from './policy-path.ts';
import type { CommandProblem } from './rule-checks.ts';
import { readSafely, stampOf } from './safe-read.ts';

/** The administrator's word as it holds now. */
export interface PolicyState {
  readonly state: 'ok' | 'none' | 'bad';
  /** What holds; null: there is none, and never was a good one. */
  readonly policy: Policy | null;
  /** Its rules; of one that was never good those that only tighten. */
  readonly rules: readonly Rule[];
  /** Of a bad one: path, place and what to do. */
  readonly problem: string | null;
  /** It is there and its content is not known: nothing is allowed by any rule. */
  readonly nothingIsAllowed: boolean;
}

const NONE: PolicyState = {
  state: 'none',
  policy: null,
  rules: [],
  problem: null,
  nothingIsAllowed: false,
};

/** `policy.json` of the administrator: looked at on each use, and kept as it last was when it is bad. */
export class PolicyFile {
  readonly changed = new Emitter<PolicyState>();
  readonly #needs: {
    place: PolicyPlace;
    good: GoodSets;
    logger: Logger;
    commandProblem: CommandProblem;
  };
  #stamp: string;
  #now: PolicyState;

  constructor(needs: {
    place: PolicyPlace;
    good: GoodSets;
    logger: Logger;
    commandProblem: CommandProblem;
  }) {
    this.#needs = needs;
    this.#stamp = stampOf(needs.place.path);
    this.#now = this.#read();
  }

  get path(): string {
    return this.#needs.place.path;
  }

  current(): PolicyState {
    const stamp = stampOf(this.path);
    if (stamp === this.#stamp) return this.#now;
    this.#stamp = stamp;
    this.#now = this.#read();
    this.changed.emit(this.#now);
    return this.#now;
  }

  #read(): PolicyState {
    const { place, good, logger, commandProblem } = this.#needs;
    const read = readSafely(place.path, place.keepers);
    if (read.kind === 'none') {
      good.forget('policy');
      return NONE;
    }
    const tightening = (bytes: Buffer) => tighteningOf(bytes, commandProblem);
    if (read.kind === 'unreadable') return this.#bad(read.problem, true, []);
    if (read.kind === 'open') return this.#bad(read.problem, true, tightening(read.bytes));
    const parsed = parseRuleFile(read.bytes, policySchema, commandProblem);
    if (!parsed.ok) return this.#bad(parsed.problem, false, tightening(read.bytes));
    good.keep('policy', parsed.value);
    logger.info({ path: place.path }, "the administrator's policy holds");
    const policy = parsed.value;
    return { state: 'ok', policy, rules: policy.rules, problem: null, nothingIsAllowed: false };
  }

  #bad(problem: string, isUnknown: boolean, tightening: readonly Rule[]): PolicyState {
    const { good, logger, place } = this.#needs;
    const policy = good.of('policy', policySchema);
    const nothingIsAllowed = isUnknown || policy === null;
    logger.warn({ path: place.path, problem }, "the administrator's policy is bad");
    const meanwhile = [
      ...(policy === null ? [] : ['The last good one holds.']),
      ...(nothingIsAllowed ? ['Everything asks.'] : []),
    ].join(' ');
    return {
      state: 'bad',
      policy,
      rules: policy?.rules ?? tightening,
      problem: `${place.path}: ${problem}. Until that is mended: ${meanwhile}`,
      nothingIsAllowed,
    };
  }
}
