import { z } from 'zod';
import type { Logger } from '../../../base/log.ts';
import type { ApprovalId, InstanceId, SessionId } from '../../../protocol/ids.ts';
import { RPC_ERRORS } from '../../../protocol/errors.ts';
import { MAX_EVENT_BYTES } from '../../../protocol/limits.ts';
import type { ToolPatch } from '../../../protocol/transcript/tool-call.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { Store } from '../../event-log/store.ts';
import type { ApprovalOwner } from '../driver.ts';
import {
  approvalFromElicitation,
  approvalFromPermission,
  MalformedRequest,
  refusalOf,
  type ApprovalDraft,
} from './acp-approvals.ts';
import type { AcpBook } from './acp-book.ts';
import { AcpRequestLimits } from './acp-request-limits.ts';
import { permissionParamsSchema } from './acp-schema.ts';
import type { AcpTurns } from './acp-turns.ts';

type Asks = 'permission' | 'question';
const ASKS: ReadonlyMap<string, Asks> = new Map([
  ['session/request_permission', 'permission'],
  ['elicitation/create', 'question'],
]);
const sessionParamsSchema = z.object({ sessionId: z.string() });

export interface RequestsNeeds {
  readonly book: AcpBook;
  readonly turns: AcpTurns;
  readonly approvals: ApprovalOwner;
  readonly store: Pick<Store, 'events'>;
  readonly logger: Logger;
  /** Never set, and runs on during sleep. */
  steadyMs(this: void): number;
  newApprovalId(): ApprovalId;
  /** From here on a new process of it may be a tool's. */
  usedTool(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void;
}

/** What an agent asks of people, inside the transaction of its lines. */
export class AcpRequests {
  readonly #needs: RequestsNeeds;

  readonly #limits: AcpRequestLimits;

  constructor(needs: RequestsNeeds) {
    this.#needs = needs;
    this.#limits = new AcpRequestLimits(needs.steadyMs);
  }

  forget(instance: InstanceId): void {
    this.#limits.forget(instance);
  }

  /** False for a method that asks nobody. */
  take(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
    method: string,
    params: unknown,
  ): boolean {
    const kind = ASKS.get(method);
    if (kind === undefined) return false;
    if (this.#limits.isTooOften(instance)) {
      this.#refuseUnread(tx, instance, rpcId, kind, params);
      return true;
    }
    try {
      if (kind === 'permission') {
        const draft = approvalFromPermission(params, this.#knownTool(tx, instance, params));
        this.#open(tx, instance, rpcId, kind, draft);
      } else this.#open(tx, instance, rpcId, kind, approvalFromElicitation(params));
    } catch (error) {
      if (!(error instanceof MalformedRequest)) throw error;
      this.#needs.logger.warn({ instance, method }, 'agent sent a request that cannot be read');
      const refusal = { code: RPC_ERRORS.invalidParams, message: error.message };
      this.#needs.book.respond(tx, instance, rpcId, { error: refusal });
    }
    return true;
  }

  #refuseUnread(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
    kind: Asks,
    params: unknown,
  ): void {
    const { book } = this.#needs;
    book.respond(tx, instance, rpcId, { result: refusalOf(kind) });
    const told = sessionParamsSchema.safeParse(params).data?.sessionId ?? null;
    const attached = this.#sessionOf(tx, instance, told);
    if (attached !== null) this.#limits.tellTooOften(tx, attached.sessionId);
  }

  /** What earlier updates told of a call whose request for permission leaves its input out. */
  #knownTool(tx: LogWriter, instance: InstanceId, params: unknown): ToolPatch | undefined {
    const request = permissionParamsSchema.safeParse(params);
    if (!request.success || request.data.toolCall.rawInput !== undefined) return undefined;
    const { toolCallId } = request.data.toolCall;
    const attached = this.#needs.book.byAgentSession(tx, instance, request.data.sessionId);
    if (attached === null) return undefined;
    const patches = this.#needs.store
      .events(attached.sessionId, { limit: 500, newest: true, maxBytes: 4 * MAX_EVENT_BYTES })
      .filter((event) => event.type === 'tool.updated' && event.toolCallId === toolCallId);
    return patches.length === 0 ? undefined : Object.assign({ toolCallId }, ...patches);
  }

  /** Keeps the approval before anyone sees it; one we cannot read or place is refused at once. */
  #open(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
    kind: Asks,
    draft: ApprovalDraft,
  ): void {
    const { book } = this.#needs;
    const attached = this.#sessionOf(tx, instance, draft.agentSession);
    const turn = attached && tx.state(attached.sessionId)?.turn;
    if (!attached || attached.cancelledAtMs !== null || !turn || turn.endedAt !== null) {
      this.#needs.logger.warn({ instance, kind }, 'an approval outside of any turn was refused');
      book.respond(tx, instance, rpcId, { result: refusalOf(kind) });
      return;
    }
    const { sessionId } = attached;
    if (!this.#limits.mayOpen(tx, sessionId, draft.call))
      return void book.respond(tx, instance, rpcId, { result: refusalOf(kind) });
    this.#needs.turns.reused(tx, instance, rpcId);
    this.#needs.usedTool(tx, instance, sessionId);
    if (draft.toolPatch) tx.append(sessionId, { type: 'tool.updated', ...draft.toolPatch });
    const { toolPatch: _, agentSession: __, ...asked } = draft;
    const id = this.#needs.newApprovalId();
    book.putIncoming(tx, instance, sessionId, rpcId, { kind, approvalId: id });
    this.#needs.approvals.asked(tx, sessionId, { id, ...asked });
  }

  #sessionOf(tx: LogWriter, instance: InstanceId, agentSession: string | null) {
    const { book } = this.#needs;
    if (agentSession !== null) return book.byAgentSession(tx, instance, agentSession);
    // A question may leave its session out; with one session there is no doubt.
    const all = book.memo(instance, tx)?.attached ?? [];
    return all.length === 1 ? (all[0] ?? null) : null;
  }
}
