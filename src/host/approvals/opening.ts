import type { Approval, AsksBecause } from '../../protocol/approval/approval.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { AgentDriver, ApprovalOwner, AskedApproval } from '../agents/driver.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import { OPENED_APPROVALS } from '../event-log/store.ts';
import type { CallPlace, Judgement, Policy } from '../policy/policy.ts';
import type { DecisionLog } from './decision-log.ts';
import type { Edits } from './edits.ts';
import type { ApprovalSettings } from './expiry.ts';

/** Only a person answers a question, and only a person says that planning is over. */
const NEVER_BY_RULE: ReadonlySet<string> = new Set(['question', 'switch_mode']);

export interface OpeningNeeds {
  readonly policy: Pick<Policy, 'judge'>;
  readonly driver: Pick<AgentDriver, 'answer'>;
  readonly edits: Edits;
  readonly log: DecisionLog;
  settings(): ApprovalSettings;
  /** One call less for a grant that ends after so many. */
  used(tx: LogWriter, ruleId: string): void;
  branchOf(cwd: string): string | null;
  now(): Date;
  /** It has a time to be decided in. */
  expires(tx: LogWriter): void;
}

/**
 * Makes approvals of what agents ask: kept on disk before anybody sees them, and decided in the same
 * transaction where a rule does.
 */
export class Opening implements ApprovalOwner {
  readonly #needs: OpeningNeeds;

  constructor(needs: OpeningNeeds) {
    this.#needs = needs;
  }

  asked(tx: LogWriter, sessionId: SessionId, asked: AskedApproval): void {
    const state = tx.state(sessionId);
    if (state === null) return;
    const { policy, edits, now } = this.#needs;
    const judged = asked.kind === 'question' ? null : policy.judge(asked, this.#placeOf(state));
    const option = judged === null ? null : optionByRule(asked, judged);
    const { why: said, ...exact } = asked;
    const why = edits.whyOf(tx, sessionId, asked) ?? said;
    const approval: Approval = {
      ...exact,
      ...(why !== undefined && { why }),
      sessionId,
      ...this.#timesOf(tx, option === null),
      agent: state.agent,
      cwd: state.cwd,
      mode: state.mode,
      ...(judged !== null && { risk: judged.risk }),
      ...(option === null && { asks: asksOf(judged) }),
      // What it asks for is another mode, which whoever allows it raises.
      decider: {
        role: asked.kind === 'switch_mode' ? 'operator' : 'approver',
        fresh: judged?.fresh ?? false,
      },
    };
    tx.putCommand(OPENED_APPROVALS, approval.id, { sessionId }, now().getTime());
    tx.append(sessionId, { type: 'approval.opened', approval });
    if (judged !== null && option !== null) this.#decide(tx, approval, judged, option);
  }

  #decide(tx: LogWriter, approval: Approval, judged: Judgement, optionId: string): void {
    const { id, sessionId } = approval;
    const { driver, used, log } = this.#needs;
    if (!driver.answer(tx, sessionId, id, { optionId })) return;
    const { rule, counted } = judged;
    if (counted && rule !== null) used(tx, rule.id);
    const allowed = judged.decision === 'allow';
    const by = { by: BY_HOST, ...(rule !== null && { rule }) };
    tx.append(sessionId, { type: 'approval.decided', approvalId: id, optionId, allowed, ...by });
    log.decided(tx, approval, { allowed, optionId, ...by });
  }

  #timesOf(tx: LogWriter, waits: boolean): Pick<Approval, 'createdAt' | 'expiresAt' | 'onExpiry'> {
    const at = this.#needs.now();
    const createdAt = at.toISOString();
    const { patienceMs, onExpiry } = this.#needs.settings();
    if (patienceMs === null || !waits) return { createdAt, expiresAt: null };
    this.#needs.expires(tx);
    const expiresAt = new Date(at.getTime() + patienceMs).toISOString();
    return { createdAt, expiresAt, onExpiry };
  }

  #placeOf(state: SessionState): CallPlace {
    return placeOf(state, this.#needs.branchOf);
  }
}

/** Where and how a session's calls run. */
export function placeOf(
  { id, agent, cwd, origin, mode }: SessionState,
  branchOf: (cwd: string) => string | null,
): CallPlace {
  return { sessionId: id, agent, cwd, base: origin?.root ?? null, branch: branchOf(cwd), mode };
}

/** null: a person is asked; also where the agent does not offer what the rule says, once. */
function optionByRule({ kind, options }: AskedApproval, judged: Judgement): string | null {
  if (judged.decision === 'ask' || NEVER_BY_RULE.has(kind)) return null;
  const wanted = judged.decision === 'allow' ? 'allow_once' : 'reject_once';
  return options.find((each) => each.kind === wanted)?.optionId ?? null;
}

function asksOf(judged: Judgement | null): AsksBecause {
  if (judged === null) return { because: 'question' };
  return judged.asks ?? { because: 'noRule' };
}
