import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { Store } from '../../event-log/store.ts';
import type { Launch } from '../profile.ts';
import {
  emptyMemo,
  incomingSchema,
  memoSchema,
  outgoingSchema,
  type Attached,
  type Incoming,
  type Memo,
  type Outgoing,
} from './acp-memo.ts';

/** Where lines to the agents go. */
export interface Outlet {
  put(tx: LogWriter, instance: InstanceId, message: object): number;
  /** Whether the line may have left. */
  hasSent(instance: InstanceId, n: number): boolean;
}

export interface Place {
  readonly instance: InstanceId;
  readonly attached: Attached;
}

/**
 * Who is on which adapter process, and which requests are under way: on disk with every step, in
 * memory only what has been committed.
 */
export class AcpBook {
  readonly #store: Store;
  readonly #outlet: Outlet;
  readonly #agents = new Map<InstanceId, string>();
  readonly #committed = new Map<InstanceId, Memo>();
  readonly #staged = new WeakMap<LogWriter, Map<InstanceId, Memo | null>>();

  constructor(store: Store, outlet: Outlet) {
    this.#store = store;
    this.#outlet = outlet;
    for (const row of store.instances()) {
      this.#committed.set(row.instance, memoSchema.parse(row.memo));
      this.#agents.set(row.instance, row.agent);
    }
  }

  memo(instance: InstanceId, tx?: LogWriter): Memo | null {
    const staged = tx && this.#staged.get(tx)?.get(instance);
    return staged === undefined ? (this.#committed.get(instance) ?? null) : staged;
  }

  instances(tx?: LogWriter): InstanceId[] {
    return [...this.#committedAndStaged(tx)];
  }

  agentOf(instance: InstanceId): string | null {
    return this.#agents.get(instance) ?? null;
  }

  /** A process with this key that may take another session. */
  sharing(tx: LogWriter | null, shareKey: string): InstanceId | null {
    const row = this.#store
      .instances()
      .find(
        (each) =>
          each.shareKey === shareKey && this.memo(each.instance, tx ?? undefined)?.ending === false,
      );
    return row?.instance ?? null;
  }

  create(
    tx: LogWriter,
    instance: InstanceId,
    { profile, sandbox }: Pick<Launch, 'profile' | 'sandbox'>,
    shareKey: string,
  ): void {
    const memo: Memo = { ...emptyMemo, sandbox: sandbox ?? null };
    tx.putInstance({ instance, agent: profile.id, shareKey, memo });
    this.#agents.set(instance, profile.id);
    this.#stage(tx, instance, memo);
  }

  change(tx: LogWriter, instance: InstanceId, change: (memo: Memo) => Memo): void {
    const memo = this.memo(instance, tx);
    if (memo === null) return;
    const next = change(memo);
    tx.setMemo(instance, next);
    this.#stage(tx, instance, next);
  }

  drop(tx: LogWriter, instance: InstanceId): void {
    this.#stage(tx, instance, null);
    tx.afterCommit(() => this.#agents.delete(instance));
  }

  place(sessionId: SessionId, tx?: LogWriter): Place | null {
    for (const instance of this.#committedAndStaged(tx)) {
      const attached = this.memo(instance, tx)?.attached.find((a) => a.sessionId === sessionId);
      if (attached !== undefined) return { instance, attached };
    }
    return null;
  }

  /** The session of ours that the agent calls `agentSession`. */
  byAgentSession(tx: LogWriter, instance: InstanceId, agentSession: string): Attached | null {
    const all = this.memo(instance, tx)?.attached ?? [];
    return all.find((a) => a.agentSession === agentSession) ?? null;
  }

  setAttached(tx: LogWriter, instance: InstanceId, next: Attached): void {
    this.change(tx, instance, (memo) => ({
      ...memo,
      attached: [...memo.attached.filter((a) => a.sessionId !== next.sessionId), next],
    }));
  }

  /** Answers that are still to come are no longer the session's: it may be put on again meanwhile. */
  detach(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void {
    for (const row of this.#store.pending(instance))
      if (row.direction === 'out' && row.sessionId === sessionId)
        tx.putPending({ ...row, sessionId: null });
    this.change(tx, instance, (memo) => ({
      ...memo,
      attached: memo.attached.filter((a) => a.sessionId !== sessionId),
    }));
  }

  /** Sends a request; what its answer means is kept on disk until it comes. */
  request(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId | null,
    method: string,
    params: object,
    outgoing: Outgoing,
  ): void {
    // The id must be known before the line is numbered; instance and count make it unique.
    const id = `${outgoing.kind}-${this.#nextId(tx)}`;
    const n = this.#outlet.put(tx, instance, { jsonrpc: '2.0', id, method, params });
    tx.putPending({
      instance,
      direction: 'out',
      rpcId: JSON.stringify(id),
      sessionId,
      kind: outgoing.kind,
      memo: { ...outgoing, n },
    });
  }

  notify(tx: LogWriter, instance: InstanceId, method: string, params: object): void {
    this.#outlet.put(tx, instance, { jsonrpc: '2.0', method, params });
  }

  /** Answers a request of the agent. Returns the line's number. */
  respond(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
    answer: { result: object } | { error: object },
  ): number {
    return this.#outlet.put(tx, instance, answerLine(rpcId, answer));
  }

  /**
   * Puts another answer in the place of one, under its number: that one goes if none has arrived.
   * False when the agent may have the first one.
   */
  replaceAnswer(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
    n: number,
    result: object,
  ): boolean {
    // Also of one that has left: lost with this host, it would be sent again by the next.
    tx.replaceOutbox(instance, n, JSON.stringify(answerLine(rpcId, { result })));
    return !this.#outlet.hasSent(instance, n);
  }

  takeOutgoing(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
  ): { sessionId: SessionId | null; outgoing: Outgoing } | null {
    const row = tx.takePending(instance, 'out', rpcId);
    return row && { sessionId: row.sessionId, outgoing: outgoingSchema.parse(row.memo) };
  }

  putIncoming(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId,
    rpcId: string,
    incoming: Incoming,
  ): void {
    tx.putPending({
      instance,
      direction: 'in',
      rpcId,
      sessionId,
      kind: incoming.kind,
      memo: incoming,
    });
  }

  takeIncoming(
    tx: LogWriter,
    instance: InstanceId,
    rpcId: string,
  ): { sessionId: SessionId | null; incoming: Incoming } | null {
    const row = tx.takePending(instance, 'in', rpcId);
    return row && { sessionId: row.sessionId, incoming: incomingSchema.parse(row.memo) };
  }

  /** The agent's open requests, with what each is; only those of a kind where one is given. */
  incoming(
    instance: InstanceId,
    kind?: Incoming['kind'],
  ): { rpcId: string; sessionId: SessionId | null; incoming: Incoming }[] {
    return this.#store
      .pending(instance)
      .filter((row) => row.direction === 'in' && (kind === undefined || row.kind === kind))
      .map((row) => ({
        rpcId: row.rpcId,
        sessionId: row.sessionId,
        incoming: incomingSchema.parse(row.memo),
      }));
  }

  outgoing(instance: InstanceId): { sessionId: SessionId | null; outgoing: Outgoing }[] {
    return this.#store
      .pending(instance)
      .filter((row) => row.direction === 'out')
      .map((row) => ({ sessionId: row.sessionId, outgoing: outgoingSchema.parse(row.memo) }));
  }

  /** Turns whose prompt the process never had: its line is past the last that was written. */
  unheardTurns(instance: InstanceId, lastWritten: number): ReadonlySet<string> {
    return new Set(
      this.outgoing(instance).flatMap(({ sessionId, outgoing }) =>
        outgoing.kind === 'prompt' && outgoing.n !== undefined && outgoing.n > lastWritten
          ? [`${sessionId} ${outgoing.turn}`]
          : [],
      ),
    );
  }

  #nextId(tx: LogWriter): number {
    const next = Number(this.#store.meta('rpcId') ?? '0') + 1;
    tx.putMeta('rpcId', String(next));
    return next;
  }

  #committedAndStaged(tx?: LogWriter): Set<InstanceId> {
    const all = new Set(this.#committed.keys());
    for (const instance of (tx && this.#staged.get(tx)?.keys()) ?? []) all.add(instance);
    return all;
  }

  #stage(tx: LogWriter, instance: InstanceId, memo: Memo | null): void {
    let staged = this.#staged.get(tx);
    if (staged === undefined) {
      staged = new Map();
      this.#staged.set(tx, staged);
      const changes = staged;
      tx.afterCommit(() => {
        for (const [id, value] of changes) {
          if (value === null) this.#committed.delete(id);
          else this.#committed.set(id, value);
        }
      });
    }
    staged.set(instance, memo);
  }
}

function answerLine(rpcId: string, answer: object): object {
  const id: unknown = JSON.parse(rpcId);
  return { jsonrpc: '2.0', id, ...answer };
}
