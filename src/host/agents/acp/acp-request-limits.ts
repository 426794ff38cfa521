import type { Call } from '../../../protocol/approval/approval.ts';
import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import { MAX_EVENT_BYTES } from '../../../protocol/limits.ts';
import type { LogWriter } from '../../event-log/event-log.ts';

/** More open at once is no agent that works, and every surface shows each of them whole. */
const MAX_OPEN_APPROVALS = 100;
/** Of one session, all in all; each surface gets all of them when it connects. */
const MAX_OPEN_BYTES = 16 * 1024 * 1024;
/** An agent that reads a whole project asks in bursts; none asks on and on like that. */
const BURST = 200;
const PER_SECOND = 50;

/** A token bucket. */
interface Bucket {
  tokens: number;
  atMs: number;
}

/** What an agent may ask of people, so that one that floods costs only itself. Said once in a turn. */
export class AcpRequestLimits {
  readonly #nowMs: () => number;
  readonly #buckets = new Map<InstanceId, Bucket>();
  /** Of calls that are open, which are the same objects for as long as they are. */
  readonly #bytes = new WeakMap<Call, number>();
  /** What was said to a session, and in which turn. */
  readonly #said = new Map<SessionId, { turn: number; texts: Set<string> }>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  forget(instance: InstanceId): void {
    this.#buckets.delete(instance);
  }

  /** Asked before anything is read of the request. */
  isTooOften(instance: InstanceId): boolean {
    const atMs = this.#nowMs();
    const bucket = this.#buckets.get(instance) ?? { tokens: BURST, atMs };
    const earned = (Math.max(0, atMs - bucket.atMs) * PER_SECOND) / 1_000;
    const tokens = Math.min(BURST, bucket.tokens + earned);
    this.#buckets.set(instance, { tokens: Math.max(0, tokens - 1), atMs });
    return tokens < 1;
  }

  tellTooOften(tx: LogWriter, sessionId: SessionId): void {
    const text = `The agent asks for more than ${PER_SECOND} approvals a second. What is over that is refused.`;
    this.#tell(tx, sessionId, 'often', text);
  }

  /** What is decided on is never cut, so what no surface could be shown is refused, and said to be. */
  mayOpen(tx: LogWriter, sessionId: SessionId, call: Call): boolean {
    const bytes = this.#bytesOf(call);
    if (bytes > MAX_EVENT_BYTES) {
      const text = `The agent asked to approve a call of ${mib(bytes)} MiB; over ${mib(MAX_EVENT_BYTES)} MiB it cannot be shown. It was refused.`;
      return this.#tell(tx, sessionId, 'size', text);
    }
    const open = tx.state(sessionId)?.approvals ?? [];
    if (open.length >= MAX_OPEN_APPROVALS) {
      const text = `The agent asked for more than ${MAX_OPEN_APPROVALS} approvals at once. What is over that is refused.`;
      return this.#tell(tx, sessionId, 'many', text);
    }
    const sum = open.reduce((all, each) => all + this.#bytesOf(each.call), bytes);
    if (sum > MAX_OPEN_BYTES) {
      const text = `The agent asked for approvals of more than ${mib(MAX_OPEN_BYTES)} MiB at once. What is over that is refused.`;
      return this.#tell(tx, sessionId, 'bytes', text);
    }
    return true;
  }

  /** Always false: what it tells of is refused. */
  #tell(tx: LogWriter, sessionId: SessionId, kind: string, text: string): false {
    const turn = tx.state(sessionId)?.turn?.turn ?? 0;
    const before = this.#said.get(sessionId);
    const said = before?.turn === turn ? before : { turn, texts: new Set<string>() };
    this.#said.set(sessionId, said);
    if (said.texts.has(kind)) return false;
    said.texts.add(kind);
    tx.append(sessionId, { type: 'notice', level: 'error', text, by: 'host' });
    return false;
  }

  #bytesOf(call: Call): number {
    const known = this.#bytes.get(call);
    if (known !== undefined) return known;
    const bytes = Buffer.byteLength(JSON.stringify(call));
    this.#bytes.set(call, bytes);
    return bytes;
  }
}

function mib(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
