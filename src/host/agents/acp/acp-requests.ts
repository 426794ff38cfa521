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
import { permissionParamsSchema } from './acp-schema.ts';
import type { AcpTurns } from './acp-turns.ts';

/** More open at once is no agent that works, and every surface shows each of them whole. */
const MAX_OPEN_APPROVALS = 100;

export interface RequestsNeeds {
  readonly book: AcpBook;
  readonly turns: AcpTurns;
  readonly approvals: ApprovalOwner;
  readonly store: Pick<Store, 'events'>;
  readonly logger: Logger;
  newApprovalId(): ApprovalId;
  /** From here on a new process of it may be a tool's. */
  usedTool(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void;
}

/** What an agent asks of people, inside the transaction of its lines. */
export class AcpRequests {
  readonly #needs: RequestsNeeds;

  constructor(needs: RequestsNeeds) {
    this.#needs = needs;
  }

  /** False for a method that asks nobody. */
  take(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
    method: string,
    params: unknown,
  ): boolean {
    try {
      if (method === 'session/request_permission') {
        const draft = approvalFromPermission(params, this.#knownTool(tx, instance, params));
        this.#open(tx, instance, rpcId, 'permission', draft);
      } else if (method === 'elicitation/create')
        this.#open(tx, instance, rpcId, 'question', approvalFromElicitation(params));
      else return false;
    } catch (error) {
      if (!(error instanceof MalformedRequest)) throw error;
      this.#needs.logger.warn({ instance, method }, 'agent sent a request that cannot be read');
      const refusal = { code: RPC_ERRORS.invalidParams, message: error.message };
      this.#needs.book.respond(tx, instance, rpcId, { error: refusal });
    }
    return true;
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
    kind: 'permission' | 'question',
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
    if (!this.#mayOpen(tx, sessionId, draft))
      return void book.respond(tx, instance, rpcId, { result: refusalOf(kind) });
    this.#needs.turns.reused(tx, instance, rpcId);
    this.#needs.usedTool(tx, instance, sessionId);
    if (draft.toolPatch) tx.append(sessionId, { type: 'tool.updated', ...draft.toolPatch });
    const { toolPatch: _, agentSession: __, ...asked } = draft;
    const id = this.#needs.newApprovalId();
    book.putIncoming(tx, instance, sessionId, rpcId, { kind, approvalId: id });
    this.#needs.approvals.asked(tx, sessionId, { id, ...asked });
  }

  /** What is decided on is never cut, so what no surface could be shown is refused, and said to be. */
  #mayOpen(tx: LogWriter, sessionId: SessionId, { call }: ApprovalDraft): boolean {
    const bytes = Buffer.byteLength(JSON.stringify(call));
    const open = tx.state(sessionId)?.approvals.length ?? 0;
    if (bytes <= MAX_EVENT_BYTES && open < MAX_OPEN_APPROVALS) return true;
    const mib = (size: number) => (size / 1024 / 1024).toFixed(1);
    const text =
      open < MAX_OPEN_APPROVALS
        ? `The agent asked to approve a call of ${mib(bytes)} MiB; over ${mib(MAX_EVENT_BYTES)} MiB it cannot be shown. It was refused.`
        : `The agent asked for more than ${MAX_OPEN_APPROVALS} approvals at once. The latest was refused.`;
    tx.append(sessionId, { type: 'notice', level: 'error', text, by: 'host' });
    return false;
  }

  #sessionOf(tx: LogWriter, instance: InstanceId, agentSession: string | null) {
    const { book } = this.#needs;
    if (agentSession !== null) return book.byAgentSession(tx, instance, agentSession);
    // A question may leave its session out; with one session there is no doubt.
    const all = book.memo(instance, tx)?.attached ?? [];
    return all.length === 1 ? (all[0] ?? null) : null;
  }
}
