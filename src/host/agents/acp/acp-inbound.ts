import { z } from 'zod';
import type { Logger } from '../../../base/log.ts';
import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import { RPC_ERRORS } from '../../../protocol/errors.ts';
import { rpcErrorSchema, rpcIdSchema } from '../../../protocol/envelope.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { AgentProfile } from '../profile.ts';
import type { AcpBook } from './acp-book.ts';
import { nativeModeOf, optionsOfUpdate, translateUpdate } from './acp-events.ts';
import { noteFailing } from './acp-failing.ts';
import { LostLines } from './acp-lost-lines.ts';
import type { AgentLine } from './acp-processes.ts';
import type { AcpRequests } from './acp-requests.ts';
import { cancelRequestParamsSchema, sessionUpdateParamsSchema } from './acp-schema.ts';
import type { AcpAnswers } from './acp-answers.ts';
import type { AcpModes } from './acp-modes.ts';
import type { AcpReceipts } from './acp-receipts.ts';
import type { AcpReplays } from './acp-replay.ts';
import type { AcpTurns } from './acp-turns.ts';

const lineSchema = z.object({
  id: rpcIdSchema.nullish(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  /** Some send `null` beside a result; one of another shape is an error all the same. */
  error: rpcErrorSchema
    .nullish()
    .transform((error) => error ?? undefined)
    .catch({ code: RPC_ERRORS.internal, message: 'an error that cannot be read' }),
});

/** Updates for a session id that we do not know yet: the answer to session/new is on its way. */
const MAX_EARLY_UPDATES = 100;
const MAX_EARLY_CHARS = 1024 * 1024;
/** The first few of a kind go to the log. */
const LOGGED_GARBAGE_LINES = 10;

export interface InboundNeeds {
  readonly book: AcpBook;
  readonly replays: AcpReplays;
  readonly answers: AcpAnswers;
  readonly modes: AcpModes;
  readonly turns: AcpTurns;
  readonly requests: AcpRequests;
  readonly receipts: AcpReceipts;
  readonly logger: Logger;
  profile(instance: InstanceId): AgentProfile | null;
  /** The adapter can no longer be trusted to answer: it is ended. */
  giveUp(tx: LogWriter, instance: InstanceId, problem: Problem): void;
  /** From here on a new process of it may be a tool's. */
  usedTool(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void;
  /** The first line that is not ACP: perhaps the program is no ACP agent at all. */
  babbles(instance: InstanceId): void;
  /** A message was lost: if the agent stays silent from now on, it may wait for us for ever. */
  lost(instance: InstanceId): void;
}

/** Turns what an agent says into events, inside the transaction of its lines. */
export class AcpInbound {
  readonly #needs: InboundNeeds;
  /** Lost with the host: what an agent says ahead of the answer are settings, which it says again. */
  readonly #early = new Map<InstanceId, { agentSession: string; update: unknown }[]>();
  readonly #garbage = new Map<InstanceId, number>();
  readonly #lost: LostLines;

  constructor(needs: InboundNeeds) {
    this.#needs = needs;
    this.#lost = new LostLines({
      error: (tx, instance, text) => this.#noticeAll(tx, instance, 'error', text),
      lost: (instance) => needs.lost(instance),
    });
  }

  lines(tx: LogWriter, instance: InstanceId, lines: readonly AgentLine[]): void {
    for (const line of lines) {
      if ('oversizeBytes' in line) this.#lost.line(tx, instance, line.oversizeBytes);
      else {
        this.#lost.heard(instance);
        this.#onLine(tx, instance, line.text);
      }
    }
  }

  /** A line that could not be taken in through a fault of ours. What was asked in it gets no answer. */
  fault(tx: LogWriter, instance: InstanceId, line: AgentLine): void {
    this.#noticeAll(
      tx,
      instance,
      'error',
      'A message of the agent could not be taken in and was left out; the log of the host says why.',
    );
    const message = 'text' in line ? parseLine(line.text) : null;
    if (message === null || message.id === undefined || message.id === null) return;
    this.#needs.giveUp(tx, instance, {
      kind: 'other',
      message:
        'A request or an answer of the agent could not be taken in, so its process was ended.',
    });
  }

  forget(instance: InstanceId): void {
    this.#early.delete(instance);
    this.#garbage.delete(instance);
    this.#needs.requests.forget(instance);
    this.#lost.heard(instance);
  }

  #onLine(tx: LogWriter, instance: InstanceId, text: string): void {
    if (text.trim() === '') return;
    const message = parseLine(text);
    if (message === null) return this.#onGarbage(tx, instance);
    if (message.method === undefined) return this.#onAnswer(tx, instance, message);
    if (message.id === undefined || message.id === null)
      return this.#onNotification(tx, instance, message.method, message.params);
    this.#onRequest(tx, instance, JSON.stringify(message.id), message.method, message.params);
  }

  #onAnswer(tx: LogWriter, instance: InstanceId, message: z.infer<typeof lineSchema>): void {
    const waiting = this.#needs.book.takeOutgoing(tx, instance, JSON.stringify(message.id ?? null));
    if (waiting === null) {
      this.#needs.logger.warn({ instance }, 'agent answered a request that is not open');
      return;
    }
    this.#needs.answers.take(tx, instance, waiting.sessionId, waiting.outgoing, message);
    if (waiting.outgoing.kind === 'open' && waiting.sessionId !== null)
      this.#replayEarly(tx, instance, waiting.sessionId);
  }

  #onNotification(tx: LogWriter, instance: InstanceId, method: string, params: unknown): void {
    switch (method) {
      case 'session/update': {
        const parsed = sessionUpdateParamsSchema.safeParse(params);
        if (parsed.success) this.#onUpdate(tx, instance, parsed.data.sessionId, parsed.data.update);
        return;
      }
      case '$/cancel_request': {
        const parsed = cancelRequestParamsSchema.safeParse(params);
        if (!parsed.success) return;
        const rpcId = JSON.stringify(parsed.data.requestId);
        return this.#needs.turns.withdrawn(tx, instance, rpcId);
      }
      default:
        this.#needs.logger.debug(
          { instance, method },
          'agent sent a notification that we do not know',
        );
    }
  }

  #onRequest(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
    method: string,
    params: unknown,
  ): void {
    if (this.#needs.requests.take(tx, instance, rpcId, method, params)) return;
    this.#needs.logger.warn({ instance, method }, 'agent sent a request that we do not know');
    this.#needs.book.respond(tx, instance, rpcId, {
      error: { code: RPC_ERRORS.methodNotFound, message: `Method not found: ${method}` },
    });
  }

  #onUpdate(tx: LogWriter, instance: InstanceId, agentSession: string, update: unknown): void {
    const attached = this.#needs.book.byAgentSession(tx, instance, agentSession);
    if (attached === null) return this.#keepEarly(tx, instance, agentSession, update);
    const { sessionId } = attached;
    noteFailing(this.#needs, tx, instance, attached, update);
    const native = nativeModeOf(update);
    if (native !== null) return this.#needs.modes.told(tx, instance, sessionId, native);
    for (const body of translateUpdate(update)) {
      // The transcript is ours: while the agent replays its own, only its present settings count.
      const isReplay = attached.loading && attached.phase !== 'ready';
      if (isReplay && !SETTINGS.has(body.type)) {
        // Unless it was begun elsewhere: then this is where its transcript comes from.
        const isHistory = attached.adopting && body.type !== 'session.titled';
        if (isHistory) this.#needs.replays.add(tx, sessionId, [body]);
        continue;
      }
      if (body.type === 'session.titled') this.#onTitle(tx, sessionId, body.title);
      else tx.append(sessionId, body);
      if (body.type !== 'tool.updated') continue;
      this.#needs.usedTool(tx, instance, sessionId);
      this.#needs.receipts.told(tx, instance, sessionId, body);
    }
    // As it is now: some tell their mode beside the other settings.
    const now = this.#needs.book.place(sessionId, tx)?.attached;
    const options = optionsOfUpdate(update);
    const told = now && options && this.#needs.modes.toldBy(instance, now, options);
    if (told) this.#needs.modes.told(tx, instance, sessionId, told);
  }

  /** The agent's title replaces the first prompt's words, never a person's own. */
  #onTitle(tx: LogWriter, sessionId: SessionId, title: string): void {
    const state = tx.state(sessionId);
    if (state !== null && !state.named && state.title !== title)
      tx.append(sessionId, { type: 'session.titled', title, by: 'agent' });
  }

  #keepEarly(tx: LogWriter, instance: InstanceId, agentSession: string, update: unknown): void {
    const attached = this.#needs.book.memo(instance, tx)?.attached ?? [];
    // Else it belongs to a session that was closed, and would take the room of one that opens.
    const isExpected = attached.some((each) => each.phase === 'opening' && !each.loading);
    if (!isExpected) {
      this.#early.delete(instance);
      return;
    }
    const early = this.#early.get(instance) ?? [];
    const hasRoom =
      early.length < MAX_EARLY_UPDATES && JSON.stringify(update).length <= MAX_EARLY_CHARS;
    if (hasRoom) early.push({ agentSession, update });
    this.#early.set(instance, early);
  }

  #replayEarly(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void {
    const agentSession = this.#needs.book.place(sessionId, tx)?.attached.agentSession;
    const early = this.#early.get(instance) ?? [];
    this.#early.set(
      instance,
      early.filter((each) => each.agentSession !== agentSession),
    );
    for (const each of early)
      if (each.agentSession === agentSession)
        this.#onUpdate(tx, instance, each.agentSession, each.update);
  }

  #onGarbage(tx: LogWriter, instance: InstanceId): void {
    const count = (this.#garbage.get(instance) ?? 0) + 1;
    this.#garbage.set(instance, count);
    if (count <= LOGGED_GARBAGE_LINES)
      this.#needs.logger.warn({ instance, count }, 'agent printed a line that is not ACP');
    if (count === 1) tx.afterCommit(() => this.#needs.babbles(instance));
    if (count === 1)
      this.#noticeAll(
        tx,
        instance,
        'warning',
        'The agent printed something that is not ACP. It was left out.',
      );
    if (count === MAX_GARBAGE_LINES)
      this.#needs.giveUp(tx, instance, {
        kind: 'garbage',
        message: `The agent printed ${count} lines that are not ACP. Is its command an ACP agent?`,
      });
  }

  #noticeAll(tx: LogWriter, instance: InstanceId, level: 'warning' | 'error', text: string): void {
    for (const { sessionId } of this.#needs.book.memo(instance, tx)?.attached ?? [])
      tx.append(sessionId, { type: 'notice', level, text, by: 'host' });
  }
}

const MAX_GARBAGE_LINES = 1_000;
const SETTINGS: ReadonlySet<string> = new Set([
  'options.changed',
  'commands.changed',
  'usage.updated',
]);

function parseLine(text: string): z.infer<typeof lineSchema> | null {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    const { method, result, error, id } = parsed.data;
    // Some leave `result` out where a method has none.
    const isAnswer =
      method === undefined &&
      id !== undefined &&
      (id !== null || result !== undefined || error !== undefined);
    return method !== undefined || isAnswer ? parsed.data : null;
  } catch {
    return null;
  }
}
