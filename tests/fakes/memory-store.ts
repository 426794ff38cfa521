import type {
  InstanceRow,
  OutboxRow,
  PendingRow,
  SessionRow,
  Store,
  Writer,
} from '../../src/host/event-log/store.ts';
import type { InstanceId, SessionId } from '../../src/protocol/ids.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';

interface Kept {
  row: SessionRow;
  events: readonly SessionEvent[];
}

/** What is on a disk that costs no time. What it holds is never changed, only replaced. */
export class MemoryDisk {
  readonly sessions = new Map<SessionId, Kept>();
  readonly instances = new Map<InstanceId, InstanceRow>();
  readonly pending = new Map<string, PendingRow>();
  readonly outbox = new Map<InstanceId, readonly OutboxRow[]>();
  readonly commands = new Map<string, { result: unknown; atMs: number }>();
  readonly meta = new Map<string, string>();

  /** As it is now: what is done to either from here on is not in the other. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk();
    for (const name of ['sessions', 'instances', 'pending', 'outbox', 'commands', 'meta'] as const)
      for (const [key, value] of this[name]) (copy[name] as Map<unknown, unknown>).set(key, value);
    return copy;
  }
}

/** {@link Store} over a {@link MemoryDisk}, for runs by the hundred thousand. It keeps no audit log. */
export function memoryStore(disk: MemoryDisk): Store {
  /** How to take back what the transaction under way has done. */
  let undo: (() => void)[] = [];
  const put = <K, V>(map: Map<K, V>, key: K, value: V | undefined): void => {
    const before = map.get(key);
    undo.push(() => void (before === undefined ? map.delete(key) : map.set(key, before)));
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  };
  const kept = (id: SessionId): Kept => {
    const found = disk.sessions.get(id);
    if (found === undefined) throw new Error(`There is no session ${id}`);
    return found;
  };
  const instance = (id: InstanceId): InstanceRow => {
    const found = disk.instances.get(id);
    if (found === undefined) throw new Error(`There is no instance ${id}`);
    return found;
  };
  const keyOf = (id: InstanceId, direction: string, rpcId: string) => `${id} ${direction} ${rpcId}`;
  const writer: Writer = {
    createSession: (id) =>
      put(disk.sessions, id, { row: { id, state: null, stateSeq: 0, lastSeq: 0 }, events: [] }),
    append: (id, body, at) => {
      const { row, events } = kept(id);
      const event = { ...body, seq: row.lastSeq + 1, at };
      put(disk.sessions, id, { row: { ...row, lastSeq: event.seq }, events: [...events, event] });
      return event;
    },
    saveState: (state) => {
      const { row, events } = kept(state.id);
      put(disk.sessions, state.id, { row: { ...row, state, stateSeq: state.lastSeq }, events });
    },
    forgetSession: (id) => put(disk.sessions, id, undefined),
    putInstance: (row) => put(disk.instances, row.instance, { ...row, spoolOffset: 0, lastOut: 0 }),
    setMemo: (id, memo) => put(disk.instances, id, { ...instance(id), memo }),
    setSpoolOffset: (id, spoolOffset) => put(disk.instances, id, { ...instance(id), spoolOffset }),
    dropInstance: (id) => {
      put(disk.instances, id, undefined);
      put(disk.outbox, id, undefined);
      for (const [key, row] of disk.pending)
        if (row.instance === id) put(disk.pending, key, undefined);
    },
    putOutbox: (id, line) => {
      const n = instance(id).lastOut + 1;
      put(disk.instances, id, { ...instance(id), lastOut: n });
      put(disk.outbox, id, [...(disk.outbox.get(id) ?? []), { instance: id, n, line }]);
      return n;
    },
    replaceOutbox: (id, n, line) => {
      const rows = disk.outbox.get(id) ?? [];
      if (!rows.some((row) => row.n === n)) throw new Error(`Line ${n} to ${id} has been sent`);
      put(
        disk.outbox,
        id,
        rows.map((row) => (row.n === n ? { ...row, line } : row)),
      );
    },
    putPending: (row) => put(disk.pending, keyOf(row.instance, row.direction, row.rpcId), row),
    takePending: (id, direction, rpcId) => {
      const key = keyOf(id, direction, rpcId);
      const row = disk.pending.get(key) ?? null;
      if (row !== null) put(disk.pending, key, undefined);
      return row;
    },
    putCommand: (surface, id, result, atMs) =>
      put(disk.commands, `${surface} ${id}`, { result, atMs }),
    putMeta: (key, value) => put(disk.meta, key, value),
    auditTip: () => null,
    putAudit: () => {},
  };
  return {
    epoch: 'epoch',
    audit: { tip: () => null, entries: () => [], entry: () => null, newestTurn: () => null },
    commit: (work) => {
      undo = [];
      try {
        return work(writer);
      } catch (error) {
        for (const back of undo.reverse()) back();
        throw error;
      }
    },
    sessions: () => [...disk.sessions.values()].map(({ row }) => row),
    events: (id, { after = 0, before = Infinity, limit, newest = false }) => {
      const all = (disk.sessions.get(id)?.events ?? []).filter(
        ({ seq }) => seq > after && seq < before,
      );
      return newest ? all.slice(-limit) : all.slice(0, limit);
    },
    turnEvents: (id) =>
      (disk.sessions.get(id)?.events ?? []).filter(
        ({ type }) => type === 'turn.started' || type === 'turn.ended',
      ),
    bytesOf: (event) => JSON.stringify(event).length,
    instances: () => [...disk.instances.values()],
    pending: (id) => [...disk.pending.values()].filter((row) => row.instance === id),
    outbox: (id, afterN) => (disk.outbox.get(id) ?? []).filter(({ n }) => n > afterN),
    trimOutbox: (id, n) => {
      const rows = disk.outbox.get(id);
      if (rows !== undefined)
        disk.outbox.set(
          id,
          rows.filter((row) => row.n > n),
        );
    },
    command: (surface, id) => disk.commands.get(`${surface} ${id}`) ?? null,
    trimCommands: () => {},
    meta: (key) => disk.meta.get(key) ?? null,
    upkeep: () => 'done',
    compact: async () => false,
    check: async () => null,
    snapshot: async () => {},
    close: () => {},
  };
}
