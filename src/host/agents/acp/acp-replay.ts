import type { SessionId } from '../../../protocol/ids.ts';
import type { EventBody } from '../../../protocol/session/events.ts';
import type { ToolPatch } from '../../../protocol/transcript/tool-call.ts';
import type { LogWriter } from '../../event-log/event-log.ts';

/** Kept of a replay, its newest part. It becomes events in one transaction, which all others wait for. */
const MAX_HISTORY_CHARS = 16 * 1024 * 1024;
/** Pieces of one text are joined up to this. */
const MAX_TEXT_CHARS = 64 * 1024;

interface Replay {
  bodies: { readonly body: EventBody; readonly chars: number }[];
  chars: number;
  isCut: boolean;
  heardAtMs: number;
}

/**
 * What agents tell of conversations that were begun elsewhere, while it becomes no event yet: half a
 * history would be doubled by the next attempt. It is in memory only. A host that did not hear its
 * beginning has none of it, and has the agent tell it again.
 */
export class AcpReplays {
  readonly #now: () => number;
  readonly #maxChars: number;
  readonly #replays = new Map<SessionId, Replay>();
  readonly #staged = new WeakMap<LogWriter, Map<SessionId, EventBody[]>>();

  constructor(now: () => number, maxChars = MAX_HISTORY_CHARS) {
    this.#now = now;
    this.#maxChars = maxChars;
  }

  /** From here on, once this is committed. What an earlier attempt told is forgotten. */
  begin(tx: LogWriter, sessionId: SessionId): void {
    tx.afterCommit(() =>
      this.#replays.set(sessionId, { bodies: [], chars: 0, isCut: false, heardAtMs: this.#now() }),
    );
  }

  /** A transaction that fails has told nothing: its lines come again. */
  add(tx: LogWriter, sessionId: SessionId, bodies: readonly EventBody[]): void {
    let staged = this.#staged.get(tx);
    if (staged === undefined) {
      staged = new Map();
      this.#staged.set(tx, staged);
      const all = staged;
      tx.afterCommit(() => {
        for (const [id, each] of all) this.#keep(id, each);
      });
    }
    const told = staged.get(sessionId);
    if (told === undefined) staged.set(sessionId, [...bodies]);
    else told.push(...bodies);
  }

  /** The whole history as events, with this transaction's part; null when its beginning was not heard here. */
  whole(tx: LogWriter, sessionId: SessionId): EventBody[] | null {
    const replay = this.#replays.get(sessionId);
    if (replay === undefined) return null;
    const told = replay.bodies.map(({ body }) => body);
    const history = historyOf([...told, ...(this.#staged.get(tx)?.get(sessionId) ?? [])]);
    tx.afterCommit(() => this.forget(sessionId));
    return [...(replay.isCut ? [LEFT_OUT] : []), ...history, CONTINUED];
  }

  /** Whether this host has heard it from its beginning on. */
  isBegun(sessionId: SessionId): boolean {
    return this.#replays.has(sessionId);
  }

  /** Whether the agent has told something of it within this time: it is at work. */
  isHeard(sessionId: SessionId, withinMs: number): boolean {
    const replay = this.#replays.get(sessionId);
    return replay !== undefined && this.#now() - replay.heardAtMs < withinMs;
  }

  forget(sessionId: SessionId): void {
    this.#replays.delete(sessionId);
  }

  #keep(sessionId: SessionId, bodies: readonly EventBody[]): void {
    const replay = this.#replays.get(sessionId);
    if (replay === undefined) return;
    replay.heardAtMs = this.#now();
    for (const body of bodies) {
      const chars = JSON.stringify(body).length;
      replay.bodies.push({ body, chars });
      replay.chars += chars;
    }
    if (replay.chars > this.#maxChars) cut(replay, this.#maxChars);
  }
}

/** An eighth more than needed goes, so that the rest is not moved for every piece that comes. */
function cut(replay: Replay, maxChars: number): void {
  let gone = 0;
  for (const { chars } of replay.bodies) {
    if (replay.chars <= maxChars * (7 / 8)) break;
    replay.chars -= chars;
    gone += 1;
  }
  replay.bodies = replay.bodies.slice(gone);
  replay.isCut = true;
}

const CONTINUED: EventBody = {
  type: 'notice',
  level: 'info',
  text: 'Continued from a conversation in the terminal: what stands above was said there.',
  by: 'host',
};

const LEFT_OUT: EventBody = {
  type: 'notice',
  level: 'info',
  text: 'The beginning of this conversation is too long to be kept here and is left out. The agent itself still has it.',
  by: 'host',
};

/**
 * A replay as a history of its own: pieces of a text become one, updates of a call become one call
 * with its end, and of the plans the last one stands.
 */
export function historyOf(told: readonly EventBody[]): EventBody[] {
  const history: EventBody[] = [];
  const tools = new Map<string, number>();
  const lastPlan = told.findLastIndex(({ type }) => type === 'plan.updated');
  for (const [index, body] of told.entries()) {
    const last = history.at(-1);
    if (body.type === 'plan.updated' && index !== lastPlan) continue;
    if (body.type === 'tool.updated') {
      const at = tools.get(body.toolCallId);
      const known = at === undefined ? undefined : history[at];
      if (at !== undefined && known?.type === 'tool.updated') {
        history[at] = { type: 'tool.updated', ...joinedTool(known, body) };
        continue;
      }
      tools.set(body.toolCallId, history.length);
      history.push({ type: 'tool.updated', ...joinedTool({ toolCallId: body.toolCallId }, body) });
    } else if (isText(body) && last !== undefined && isText(last) && continues(last, body)) {
      history[history.length - 1] = { ...last, text: last.text + body.text };
    } else history.push(body);
  }
  return history.map(ended);
}

type Text = Extract<EventBody, { type: 'user.text' | 'agent.text' | 'agent.thought' }>;

function isText(body: EventBody): body is Text {
  return body.type === 'user.text' || body.type === 'agent.text' || body.type === 'agent.thought';
}

function continues(last: Text, next: Text): boolean {
  return (
    last.type === next.type &&
    last.messageId === next.messageId &&
    last.text.length + next.text.length <= MAX_TEXT_CHARS
  );
}

function joinedTool(known: ToolPatch, { moreOutput, ...patch }: ToolPatch): ToolPatch {
  const status =
    hasEnded(known) && !hasEnded(patch) ? known.status : (patch.status ?? known.status);
  const before = typeof known.output === 'string' ? known.output : '';
  return {
    ...known,
    ...patch,
    ...(status !== undefined && { status }),
    ...(moreOutput !== undefined && patch.output === undefined && { output: before + moreOutput }),
  };
}

/** Nothing of what was said before still runs. */
function ended(body: EventBody): EventBody {
  return body.type !== 'tool.updated' || hasEnded(body) ? body : { ...body, status: 'failed' };
}

function hasEnded({ status }: Pick<ToolPatch, 'status'>): boolean {
  return status === 'completed' || status === 'failed';
}
