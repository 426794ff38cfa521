import { z } from 'zod';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Approval, DecisionOutcome, Receipt } from '../../protocol/approval/approval.ts';
import {
  sessionIdSchema,
  type ApprovalId,
  type CommandId,
  type SessionId,
} from '../../protocol/ids.ts';
import type { ParsedParams } from '../../protocol/methods.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';
import type { AgentAnswer, AgentDriver, SessionOwner } from '../agents/driver.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { OPENED_APPROVALS as OPENED, type Store } from '../event-log/store.ts';
import { checkAnswer } from './form-answer.ts';
import type { Commands } from '../sessions/commands.ts';

/** How long a decision waits for the receipt that the agent has it. */
const DELIVERY_LIMIT_MS = 5_000;
/** Where the receipt of a decision is looked for that was made before. */
const LATEST = { limit: 200, newest: true, maxBytes: 1024 * 1024 } as const;
/** What the driver keeps of each approval that it opens. */
const openedSchema = z.object({ sessionId: sessionIdSchema });
/** Of a title in the prompt that tells the agent why; a title may be a whole command. */
const TITLE_CHARS = 200;

export interface Decision {
  readonly outcome: DecisionOutcome;
  readonly receipt: Receipt | null;
}

interface Choice {
  readonly allowed: boolean;
  readonly optionId: string | null;
  readonly answer: AgentAnswer;
  readonly content?: unknown;
  readonly reason?: string;
}

/** Open approvals of all sessions: each is decided once, by whoever is first, for the call that was shown. */
export class Desk {
  readonly #log: EventLog;
  readonly #store: Store;
  readonly #commands: Commands;
  readonly #driver: AgentDriver;
  readonly #owner: SessionOwner;

  constructor(needs: {
    log: EventLog;
    store: Store;
    commands: Commands;
    driver: AgentDriver;
    owner: SessionOwner;
  }) {
    this.#log = needs.log;
    this.#store = needs.store;
    this.#commands = needs.commands;
    this.#driver = needs.driver;
    this.#owner = needs.owner;
  }

  /** Oldest first. */
  open(sessionId?: SessionId): Approval[] {
    return [...this.#log.states().values()]
      .filter((state) => sessionId === undefined || state.id === sessionId)
      .flatMap((state) => state.approvals)
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  async decide(params: ParsedParams<'approval.decide'>, by: string): Promise<Decision> {
    const { approvalId, commandId, hash, choice, reason } = params;
    return await this.#decide(approvalId, commandId, hash, by, (approval) => {
      if (approval.kind === 'question')
        throw new RpcFailure(
          'refused',
          `${approvalId} is a question: answer it with "porchlight answer".`,
        );
      const option = optionFor(approval, choice);
      return {
        allowed: option.kind.startsWith('allow'),
        optionId: option.optionId,
        answer: { optionId: option.optionId },
        ...(reason !== undefined && { reason }),
      };
    });
  }

  async answer(params: ParsedParams<'approval.answer'>, by: string): Promise<Decision> {
    const { approvalId, commandId, hash, answer } = params;
    return await this.#decide(approvalId, commandId, hash, by, (approval) => {
      if (approval.kind !== 'question')
        throw new RpcFailure(
          'refused',
          `${approvalId} is not a question: use "porchlight approve" or "deny".`,
        );
      if ('content' in answer) checkAnswer(approval.call.input, answer.content);
      return {
        allowed: 'content' in answer,
        optionId: null,
        answer,
        ...('content' in answer && { content: answer.content }),
      };
    });
  }

  async #decide(
    id: ApprovalId,
    commandId: CommandId,
    hash: string,
    by: string,
    choose: (approval: Approval) => Choice,
  ): Promise<Decision> {
    const approval = this.open().find((each) => each.id === id);
    const earlier = this.#commands.earlier<Decision>(commandId);
    if (approval === undefined && earlier === null) return this.#late(id);
    if (approval !== undefined && approval.hash !== hash)
      return { outcome: 'notThisCall', receipt: null };
    const delivered = this.#untilDelivered(id, approval?.sessionId ?? this.#openedIn(id));
    try {
      const { outcome } = this.#commands.once(commandId, (tx): Decision => {
        if (approval === undefined) return { outcome: 'superseded', receipt: null };
        return this.#commit(tx, approval, choose(approval), commandId, by);
      });
      if (outcome !== 'decided') return { outcome, receipt: null };
      return { outcome, receipt: (await delivered.arrived) ? 'delivered' : 'decided' };
    } finally {
      delivered.stop();
    }
  }

  #commit(
    tx: LogWriter,
    approval: Approval,
    choice: Choice,
    commandId: CommandId,
    by: string,
  ): Decision {
    const { id, sessionId } = approval;
    if (!this.#driver.answer(tx, sessionId, id, choice.answer))
      return { outcome: 'superseded', receipt: null };
    const { allowed, optionId, reason, content } = choice;
    tx.append(sessionId, {
      type: 'approval.decided',
      approvalId: id,
      optionId,
      allowed,
      by,
      commandId,
      ...(reason !== undefined && { reason }),
      ...(content !== undefined && { answer: content }),
    });
    // ACP carries no reason with a refusal: it follows as a prompt.
    if (!allowed && reason !== undefined && reason.trim() !== '') {
      const prompt: PromptPart[] = [
        { type: 'text', text: `I denied "${shortTitle(approval)}": ${reason.trim()}` },
      ];
      // What waits was written before the refusal, and means a turn that goes on after it.
      tx.append(sessionId, { type: 'prompt.queued', commandId, prompt, ahead: true, by });
      this.#owner.settled(tx, sessionId);
    }
    return { outcome: 'decided', receipt: 'decided' };
  }

  #openedIn(id: ApprovalId): SessionId | null {
    const opened = openedSchema.safeParse(this.#store.command(OPENED, id)?.result);
    return opened.success ? opened.data.sessionId : null;
  }

  #late(id: ApprovalId): Decision {
    // Closed without a decision (cancelled, withdrawn …) it must still not look unknown.
    if (this.#store.command(OPENED, id) !== null) return { outcome: 'superseded', receipt: null };
    throw new RpcFailure('notFound', `There is no approval ${id}: see "porchlight approvals".`);
  }

  #untilDelivered(
    id: ApprovalId,
    sessionId: SessionId | null,
  ): { arrived: Promise<boolean>; stop(): void } {
    let stop = (): void => {};
    const arrived = new Promise<boolean>((resolve) => {
      if (sessionId === null) return resolve(false);
      const isReceipt = (event: SessionEvent) =>
        event.type === 'approval.delivered' && event.approvalId === id;
      // Decided before: the receipt may have come before the question.
      if (this.#log.events(sessionId, LATEST).some(isReceipt)) return resolve(true);
      const timer = setTimeout(() => stop(), DELIVERY_LIMIT_MS);
      const undo = this.#log.follow(sessionId, (events) => {
        if (!events.some(isReceipt)) return;
        resolve(true);
        stop();
      });
      stop = () => {
        clearTimeout(timer);
        undo();
        resolve(false);
      };
    });
    return { arrived, stop: () => stop() };
  }
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

function shortTitle({ title }: Approval): string {
  return title.length <= TITLE_CHARS ? title : `${title.slice(0, TITLE_CHARS)}…`;
}
