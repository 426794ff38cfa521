import { canonicalJson } from '../../base/canonical-json.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { Rule, RuleRow } from '../../protocol/rules/rule.ts';
import type { CallPlace, Policy } from '../policy/policy.ts';
import { plainestCall } from './made-up-call.ts';
import type { RuleBook } from './rule-book.ts';
import { faultsOf, type CommandProblem } from './rule-checks.ts';
import { ruleIdOf } from './rule-id.ts';
import { LISTED_AFTER_END_MS, rowsOf } from './rule-rows.ts';
import type { UserRules } from './user-rules.ts';

export interface RuleWritingNeeds {
  readonly user: UserRules;
  readonly book: RuleBook;
  readonly policy: Pick<Policy, 'explain'>;
  readonly commandProblem: CommandProblem;
  readonly hasSession: (id: SessionId) => boolean;
  readonly now: () => Date;
}

/** What surfaces change of the user's own rules. All of it throws an `RpcFailure` in words. */
export class RuleWriting {
  readonly #needs: RuleWritingNeeds;

  constructor(needs: RuleWritingNeeds) {
    this.#needs = needs;
  }

  /**
   * Adds a rule at the end; an equal one that is in force changes nothing. May be called inside the
   * transaction of the decision that it comes with: as its last step, since a file is not undone.
   */
  add(given: Rule): { readonly row: RuleRow; readonly isNew: boolean } {
    const { user, book, now } = this.#needs;
    this.#check(given);
    const isGrant = given.until !== undefined || given.uses !== undefined;
    const rule = isGrant ? { ...given, madeAt: now().toISOString() } : given;
    let id = ruleIdOf('user', null, rule);
    let isNew = true;
    user.edit((rules) => {
      const equal = rules.find((each) => this.#isTheSame(each, given));
      if (equal === undefined) return [...rules, rule];
      id = ruleIdOf('user', null, equal);
      isNew = false;
      return rules;
    });
    const row = rowsOf(book, now().getTime()).find((each) => each.id === id);
    if (row === undefined)
      throw new RpcFailure('refused', `The rule was over as soon as it was added: ${given.until}`);
    return { row, isNew };
  }

  /** One of the user's own; returns what it said. */
  remove(id: string): string {
    const { user, book } = this.#needs;
    const text = book.all().get(id)?.text ?? '';
    user.edit((rules) => {
      const kept = rules.filter((rule) => ruleIdOf('user', null, rule) !== id);
      if (kept.length < rules.length) return kept;
      const held = book.all().get(id);
      if (held === undefined || held.source === 'user')
        throw new RpcFailure('notFound', `There is no rule ${id}: see "porchlight rules".`);
      throw new RpcFailure('refused', `${WHOSE[held.source]} It stands in ${held.file}.`);
    });
    return text;
  }

  /** Takes grants out of the user's file that have ended long ago; what people wrote there stays. */
  sweep(): string[] {
    const { user, book, now } = this.#needs;
    const nowMs = now().getTime();
    const over = new Set<string>();
    for (const [id, held] of book.all()) {
      if (held.source !== 'user' || held.rule.madeAt === undefined) continue;
      const { endedMs } = book.standing(held);
      if (endedMs !== null && nowMs - endedMs > LISTED_AFTER_END_MS) over.add(id);
    }
    if (over.size === 0 || user.current().state !== 'ok') return [];
    user.edit((rules) => rules.filter((rule) => !over.has(ruleIdOf('user', null, rule))));
    return [...over];
  }

  #check(rule: Rule): void {
    const { commandProblem, hasSession, now } = this.#needs;
    const [fault] = faultsOf(rule, commandProblem);
    if (fault !== undefined)
      throw new RpcFailure('refused', `The rule's ${fault.key} ${fault.words}.`);
    const { until, session } = rule;
    if (until !== undefined && Date.parse(until) <= now().getTime())
      throw new RpcFailure(
        'refused',
        `The rule would be over at once: by the host's clock it is ${now().toISOString()}.`,
      );
    if (session !== undefined && !hasSession(session))
      throw new RpcFailure(
        'notFound',
        `There is no session ${session}: see "porchlight ls --all".`,
      );
    this.#checkUse(rule);
  }

  /** What touches Porchlight itself is never decided by a rule. */
  #checkUse(rule: Rule): void {
    const call = rule.decision === 'allow' ? plainestCall(rule) : null;
    if (call === null) return;
    const { asks } = this.#needs.policy.explain(call, NOWHERE);
    if (asks?.because === 'porchlight')
      throw new RpcFailure(
        'refused',
        'Such a rule would never decide anything: what touches Porchlight itself always asks.',
      );
  }

  #isTheSame(standing: Rule, given: Rule): boolean {
    const { madeAt: _, ...rule } = standing;
    const { madeAt: __, ...wanted } = given;
    if (canonicalJson(rule) !== canonicalJson(wanted)) return false;
    const held = this.#needs.book.all().get(ruleIdOf('user', null, standing));
    if (held === undefined) return true;
    const { ended, usesLeft } = this.#needs.book.standing(held);
    // Asked for again, a grant that was used in part is meant to begin anew.
    return ended === null && usesLeft === given.uses;
  }
}

const NOWHERE: CallPlace = {
  ...{ sessionId: null, agent: '', cwd: '/', base: null, branch: null, mode: null },
};

const WHOSE = {
  project: 'That rule is the project’s own: only who edits the project can remove it.',
  policy: "That rule is the administrator's: only they can remove it.",
  builtIn: 'That rule is built in: nobody can remove it.',
} as const;
