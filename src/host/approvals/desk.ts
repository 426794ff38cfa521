import { z } from 'zod';
import { RpcFailure } from '../../protocol/errors.ts';
import type {
  Approval,
  ApprovalOption,
  DecisionOutcome,
  Receipt,
} from '../../protocol/approval/approval.ts';
import type { Role } from '../../protocol/devices.ts';
import {
  sessionIdSchema,
  type ApprovalId,
  type CommandId,
  type SessionId,
} from '../../protocol/ids.ts';
import type { ParsedParams } from '../../protocol/methods.ts';
import type { Rule } from '../../protocol/rules/rule.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';
import type { AgentAnswer, AgentDriver, SessionOwner } from '../agents/driver.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { OPENED_APPROVALS as OPENED, type Store } from '../event-log/store.ts';
import type { Commands } from '../sessions/commands.ts';
import type { DecisionLog } from './decision-log.ts';
import { untilDelivered } from './delivery.ts';
import { editedText, type Edits } from './edits.ts';
import { checkAnswer } from './form-answer.ts';
import type { DecidingSurface, Proofs, Proven, Sent } from './proofs.ts';
import { shortTitle } from './short-title.ts';

/** What is kept of each approval, also once it is no longer open. */
const openedSchema = z.object({
  sessionId: sessionIdSchema,
  closed: z.literal('expired').optional(),
});

export interface Decision {
  readonly outcome: DecisionOutcome;
  readonly receipt: Receipt | null;
  /** It counts, but what was to come with it did not; in words. */
  readonly problem?: string;
}

interface Choice {
  readonly allowed: boolean;
  readonly optionId: string | null;
  readonly answer: AgentAnswer;
  readonly content?: unknown;
  readonly reason?: string | undefined;
  readonly edited?: unknown;
}

export interface DeskNeeds {
  readonly log: EventLog;
  readonly store: Store;
  readonly commands: Commands;
  readonly driver: Pick<AgentDriver, 'answer'>;
  readonly owner: Pick<SessionOwner, 'settled'>;
  readonly proofs: Pick<Proofs, 'check'>;
  readonly edits: Edits;
  readonly decisions: DecisionLog;
  /** Throws in words when it cannot be saved. */
  saveRule(rule: Rule, by: DecidingSurface): void | Promise<void>;
}

/** Open approvals of all sessions: each is decided once, by whoever is first, for the call that was shown. */
export class Desk {
  readonly #needs: DeskNeeds;

  constructor(needs: DeskNeeds) {
    this.#needs = needs;
  }

  /** Oldest first. */
  open(sessionId?: SessionId): Approval[] {
    return [...this.#needs.log.states().values()]
      .filter((state) => sessionId === undefined || state.id === sessionId)
      .flatMap((state) => state.approvals)
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  async decide(params: ParsedParams<'approval.decide'>, by: DecidingSurface): Promise<Decision> {
    const { choice, reason, edited, rule } = params;
    const isRefusal = (approval: Approval) => refuses(approval, choice);
    const least = edited !== undefined || rule !== undefined ? 'operator' : undefined;
    const decision = await this.#decide(params, by, { isRefusal, least }, (approval) => {
      if (approval.kind === 'question')
        throw new RpcFailure(
          'refused',
          `${approval.id} is a question: answer it with "porchlight answer".`,
        );
      const option = optionFor(approval, choice);
      const allowed = !isReject(option);
      if (edited !== undefined && allowed)
        throw new RpcFailure(
          'refused',
          'A changed call goes with a refusal of the one that was asked for: the agent then asks again.',
        );
      if (edited !== undefined) this.#needs.edits.check(edited);
      const { optionId } = option;
      return { allowed, optionId, answer: { optionId }, reason, edited };
    });
    const { isNew, ...told } = decision;
    if (!isNew || rule === undefined) return told;
    const problem = await this.#save(rule, by);
    return problem === null ? told : { ...told, problem };
  }

  async answer(params: ParsedParams<'approval.answer'>, by: DecidingSurface): Promise<Decision> {
    const { answer } = params;
    const isRefusal = () => 'decline' in answer;
    const { isNew: _, ...told } = await this.#decide(params, by, { isRefusal }, (approval) => {
      if (approval.kind !== 'question')
        throw new RpcFailure(
          'refused',
          `${approval.id} is not a question: use "porchlight approve" or "deny".`,
        );
      if ('content' in answer) checkAnswer(approval.call.input, answer.content);
      return {
        allowed: 'content' in answer,
        optionId: null,
        answer,
        ...('content' in answer && { content: answer.content }),
      };
    });
    return told;
  }

  async #decide(
    sent: Sent,
    by: DecidingSurface,
    wants: { isRefusal(approval: Approval): boolean; least?: Role | undefined },
    choose: (approval: Approval) => Choice,
  ): Promise<Decision & { readonly isNew: boolean }> {
    const { approvalId: id, commandId } = sent;
    const shown = this.#find(id);
    const decider = shown?.decider;
    // To refuse is always safe: nobody has to be more than an approver, or prove to be there, for it.
    const isRefusal = shown !== null && wants.isRefusal(shown);
    const fresh = decider?.fresh === true && !isRefusal;
    const role = wants.least ?? (isRefusal ? 'approver' : (decider?.role ?? 'approver'));
    const checked = this.#needs.proofs.check(sent, by, { role, fresh });
    const proven = checked instanceof Promise ? await checked : checked;
    if (proven === null) return lost('notAllowed');
    const approval = this.#find(id);
    const earlier = this.#needs.commands.earlier<Decision>(commandId);
    if (approval === null && earlier === null) return lost(this.#howLate(id));
    if (approval !== null && approval.hash !== sent.hash) return lost('notThisCall');
    const delivered = untilDelivered(
      this.#needs.log,
      id,
      approval?.sessionId ?? this.#opened(id)?.sessionId ?? null,
    );
    try {
      const { outcome } = this.#needs.commands.once(commandId, (tx): Decision => {
        if (approval === null) return { outcome: 'superseded', receipt: null };
        return this.#commit(tx, approval, choose(approval), { commandId, by: by.surface, proven });
      });
      if (outcome !== 'decided') return lost(outcome);
      const receipt = (await delivered.arrived) ? 'delivered' : 'decided';
      return { outcome, receipt, isNew: earlier === null };
    } finally {
      delivered.stop();
    }
  }

  #commit(
    tx: LogWriter,
    approval: Approval,
    choice: Choice,
    { commandId, by, proven }: { commandId: CommandId; by: string; proven: Proven },
  ): Decision {
    const { id, sessionId } = approval;
    const { driver, decisions, edits } = this.#needs;
    if (!driver.answer(tx, sessionId, id, choice.answer))
      return { outcome: 'superseded', receipt: null };
    const { allowed, optionId, reason, content, edited } = choice;
    tx.append(sessionId, {
      type: 'approval.decided',
      approvalId: id,
      optionId,
      allowed,
      by,
      commandId,
      ...(reason !== undefined && { reason }),
      ...(content !== undefined && { answer: content }),
      ...(edited !== undefined && { edited }),
      ...proven,
    });
    const isFresh = proven.fresh === true && { fresh: true };
    const isEdited = edited !== undefined && { edited: true };
    decisions.decided(tx, approval, { allowed, optionId, by, reason, ...isEdited, ...isFresh });
    if (edited !== undefined) edits.expect(tx, sessionId, edited);
    const words = allowed ? null : wordsOf(approval, choice);
    if (words !== null) {
      const prompt: PromptPart[] = [{ type: 'text', text: words }];
      // What waits was written before the refusal, and means a turn that goes on after it.
      tx.append(sessionId, { type: 'prompt.queued', commandId, prompt, ahead: true, by });
      this.#needs.owner.settled(tx, sessionId);
    }
    return { outcome: 'decided', receipt: 'decided' };
  }

  /** The decision stands, whatever becomes of its rule. Null, or what is wrong, in words. */
  async #save(rule: Rule, by: DecidingSurface): Promise<string | null> {
    try {
      await this.#needs.saveRule(rule, by);
      return null;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return `It was decided, but the rule was not saved: ${why}`;
    }
  }

  #find(id: ApprovalId): Approval | null {
    return this.open().find((each) => each.id === id) ?? null;
  }

  #opened(id: ApprovalId): z.infer<typeof openedSchema> | null {
    return openedSchema.safeParse(this.#needs.store.command(OPENED, id)?.result).data ?? null;
  }

  /** Closed without a decision (cancelled, withdrawn …) it must still not look unknown. */
  #howLate(id: ApprovalId): 'superseded' | 'expired' {
    if (this.#needs.store.command(OPENED, id) === null)
      throw new RpcFailure('notFound', `There is no approval ${id}: see "porchlight approvals".`);
    return this.#opened(id)?.closed ?? 'superseded';
  }
}

function lost(outcome: DecisionOutcome): Decision & { readonly isNew: boolean } {
  return { outcome, receipt: null, isNew: false };
}

/** ACP carries neither a reason nor another call with a refusal: they follow as a prompt. */
function wordsOf({ title }: Approval, { reason, edited }: Choice): string | null {
  if (edited !== undefined) return editedText(shortTitle(title), edited, reason);
  if (reason === undefined || reason.trim() === '') return null;
  return `I denied "${shortTitle(title)}": ${reason.trim()}`;
}

function optionFor(approval: Approval, choice: ParsedParams<'approval.decide'>['choice']) {
  const wanted = 'optionId' in choice ? choice.optionId : null;
  const kind = 'allow' in choice && choice.allow ? 'allow_once' : 'reject_once';
  const option = approval.options.find((each) =>
    wanted === null ? each.kind === kind : each.optionId === wanted,
  );
  if (option !== undefined) return option;
  const offered = approval.options.map((each) => each.optionId).join(', ');
  throw new RpcFailure(
    'refused',
    `The agent does not offer ${wanted ?? kind} for ${approval.id}; it offers ${offered}.`,
  );
}

/** Of a kind that we do not know it may be anything but a refusal. */
function isReject({ kind }: ApprovalOption): boolean {
  return kind.startsWith('reject');
}

function refuses(
  { options }: Approval,
  choice: ParsedParams<'approval.decide'>['choice'],
): boolean {
  if ('allow' in choice) return !choice.allow;
  return options.some((each) => each.optionId === choice.optionId && isReject(each));
}
