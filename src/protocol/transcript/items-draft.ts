import { assertNever } from '../../base/assert-never.ts';
import type { SessionEvent } from '../session/events.ts';
import type { ApprovalItem, PromptItem, TextItem, TranscriptItem } from './item.ts';
import { ItemListDraft } from './item-list.ts';
import { approvalKey, toolKey, type ApprovalStep, type TranscriptItems } from './items-state.ts';
import { cutsToolsShort, cutToolShort, newTool, patchTool } from './tool-item.ts';

type EventOf<T extends SessionEvent['type']> = Extract<SessionEvent, { type: T }>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** All but what every item gets from its event. */
type Loose<T> = T extends TranscriptItem ? Omit<T, 'key' | 'seq' | 'at'> : never;

const TEXT_KINDS = {
  'agent.text': 'text',
  'agent.thought': 'thought',
  'user.text': 'userText',
} as const;

/** A transcript being folded: changed in place, and handed out by `done`. */
export class ItemsDraft {
  readonly #list: ItemListDraft;
  readonly #state: Mutable<Omit<TranscriptItems, 'items' | 'loose'>>;
  readonly #loose: Mutable<TranscriptItems['loose']>;

  constructor(base: TranscriptItems) {
    this.#list = new ItemListDraft(base.items);
    const { items: _, loose, ...state } = base;
    this.#state = { ...state, positions: base.lastSeq === 0 ? new Map() : base.positions };
    this.#loose = { ...loose };
  }

  done(): TranscriptItems {
    return { ...this.#state, items: this.#list.done(), loose: this.#loose };
  }

  apply(event: SessionEvent): void {
    if (event.seq <= this.#state.lastSeq) return;
    if (this.#state.firstSeq === 0) this.#state.firstSeq = event.from ?? event.seq;
    this.#state.lastSeq = event.seq;
    this.#fold(event);
  }

  /** Takes a step of an approval that stands in this transcript; else says that it does not. */
  step(event: ApprovalStep): boolean {
    const found = this.#find(approvalKey(event.approvalId));
    if (found?.item.kind !== 'approval') return false;
    this.#list.set(found.position, approvalAfter(found.item, event));
    return true;
  }

  /** A turn ended here, or in what follows: calls that it left open are shown as failed. */
  sweep(outcome: EventOf<'turn.ended'>['outcome']): void {
    if (!cutsToolsShort(outcome)) return;
    for (let i = this.#state.sweepFrom; i < this.#list.length; i += 1) {
      const item = this.#list.at(i);
      if (item?.kind !== 'tool') continue;
      const next = cutToolShort(item, outcome);
      if (next.status !== item.status) this.#list.set(i, next);
    }
  }

  #fold(event: SessionEvent): void {
    switch (event.type) {
      case 'agent.text':
      case 'agent.thought':
      case 'user.text':
        return this.#onText(event);
      case 'agent.image':
        return void this.#push(event, {
          kind: 'image',
          mimeType: event.mimeType,
          data: event.data,
        });
      case 'agent.link':
        return void this.#push(event, { kind: 'link', uri: event.uri, name: event.name });
      case 'tool.updated':
        return this.#onTool(event);
      case 'plan.updated':
        return this.#onPlan(event);
      case 'context.compacted':
        return this.#onCompaction(event);
      case 'notice':
        return void this.#push(event, {
          kind: 'notice',
          level: event.level,
          text: event.text,
          by: event.by,
        });
      case 'mode.changed':
        return void this.#push(event, {
          kind: 'mode',
          mode: event.mode,
          native: event.native,
          by: event.by,
          ...(event.undoes !== undefined && { undoes: event.undoes }),
        });
      case 'prompt.queued': {
        const { commandId, prompt, by } = event;
        this.#state.queued = [...this.#state.queued, { commandId, prompt, by }];
        return;
      }
      case 'prompt.dropped':
        return this.#onDropped(event);
      case 'turn.started':
        return this.#onTurn(event);
      case 'turn.ended':
        return this.#onTurnEnd(event);
      case 'approval.opened':
        return this.#onApproval(event);
      case 'approval.decided':
      case 'approval.delivered':
      case 'approval.finished':
      case 'approval.closed':
        if (!this.step(event)) this.#loose.events = [...this.#loose.events, event];
        return;
      case 'agent.started':
        return void this.#push(event, {
          kind: 'agentStarted',
          name: event.name,
          version: event.version,
          loaded: event.loaded,
        });
      case 'agent.exited':
        return void this.#push(event, {
          kind: 'agentExited',
          expected: event.expected,
          hibernated: event.hibernated ?? false,
          code: event.code,
          signal: event.signal,
        });
      case 'session.failed':
        return void this.#push(event, { kind: 'problem', problem: event.problem });
      case 'session.ended':
        return void this.#push(event, { kind: 'ended', by: event.by });
      case 'session.parked':
      case 'session.unparked':
      case 'worktree.landed':
      case 'worktree.discarded':
      case 'machine.sleeping':
      case 'machine.woke':
        return void this.#push(event, { kind: 'step', step: event });
      case 'worktree.made':
      case 'session.created':
      case 'session.titled':
      case 'session.archived':
      case 'agent.starting':
      case 'options.changed':
      case 'commands.changed':
      case 'usage.updated':
      case 'unrecognized':
        return;
      default:
        return ignoreUnknown(event);
    }
  }

  #onText(event: EventOf<'agent.text' | 'agent.thought' | 'user.text'>): void {
    const { text, messageId, at } = event;
    const kind = TEXT_KINDS[event.type];
    const last = this.#list.last();
    if (last !== undefined && isText(last) && last.kind === kind && last.messageId === messageId)
      return this.#list.set(this.#list.length - 1, { ...last, text: last.text + text, at });
    this.#push(event, { kind, text, messageId });
  }

  #onTool(event: EventOf<'tool.updated'>): void {
    const key = toolKey(event.toolCallId);
    const found = this.#find(key);
    if (found?.item.kind === 'tool')
      return this.#list.set(found.position, patchTool(found.item, event, event.at));
    this.#place(key, newTool(event, key, event.seq, event.at));
  }

  #onPlan(event: EventOf<'plan.updated'>): void {
    const plan = this.#list.at(this.#state.planAt);
    if (plan?.kind === 'plan')
      return this.#list.set(this.#state.planAt, { ...plan, entries: event.entries });
    const [position, key] = this.#push(event, { kind: 'plan', entries: event.entries });
    this.#state.planAt = position;
    if (this.#loose.firstEnd === null) this.#loose.firstPlan = key;
  }

  #onCompaction(event: EventOf<'context.compacted'>): void {
    const { status, summary } = event;
    const open = this.#list.at(this.#state.compactionAt);
    if (open?.kind === 'compaction') {
      this.#list.set(this.#state.compactionAt, {
        ...open,
        status,
        summary: summary ?? open.summary,
      });
    } else {
      const [position, key] = this.#push(event, { kind: 'compaction', status, summary });
      this.#state.compactionAt = position;
      this.#loose.firstCompaction ??= key;
    }
    if (status !== 'in_progress') this.#state.compactionAt = -1;
  }

  #onTurn(event: EventOf<'turn.started'>): void {
    const { turn, commandId } = event;
    const queued = this.#state.queued.find((p) => p.commandId === commandId);
    this.#state.queued = this.#state.queued.filter((p) => p !== queued);
    const prompt: Omit<PromptItem, 'key' | 'seq' | 'at'> = {
      kind: 'prompt',
      turn,
      commandId,
      prompt: queued?.prompt ?? null,
      by: queued?.by ?? null,
    };
    this.#push(event, prompt);
    if (queued === undefined) this.#loose.prompts = [...this.#loose.prompts, commandId];
  }

  #onDropped({ commandId }: EventOf<'prompt.dropped'>): void {
    const left = this.#state.queued.filter((p) => p.commandId !== commandId);
    if (left.length === this.#state.queued.length)
      this.#loose.dropped = [...this.#loose.dropped, commandId];
    this.#state.queued = left;
  }

  #onTurnEnd(event: EventOf<'turn.ended'>): void {
    const { turn, outcome, problem } = event;
    this.sweep(outcome);
    this.#push(event, { kind: 'turnEnd', turn, outcome, problem });
    this.#state.sweepFrom = this.#list.length;
    this.#state.planAt = -1;
    this.#loose.firstEnd ??= outcome;
  }

  #onApproval(event: EventOf<'approval.opened'>): void {
    const { approval, seq, at } = event;
    const key = approvalKey(approval.id);
    const item: ApprovalItem = {
      kind: 'approval',
      key,
      seq,
      at,
      approval,
      phase: 'open',
      decision: null,
      closed: null,
    };
    const found = this.#find(key);
    if (found === null) this.#place(key, item);
    else this.#list.set(found.position, { ...item, seq: found.item.seq, at: found.item.at });
  }

  #push(event: SessionEvent, item: Loose<TranscriptItem>): [position: number, key: string] {
    const seq = event.from ?? event.seq;
    const key = `${item.kind}:${seq}`;
    return [this.#list.push({ ...item, key, seq, at: event.at }), key];
  }

  #place(key: string, item: TranscriptItem): void {
    this.#state.positions.set(key, this.#list.push(item));
  }

  #find(key: string): { position: number; item: TranscriptItem } | null {
    const hint = this.#state.positions.get(key);
    if (hint === undefined) return null;
    const item = this.#list.at(hint);
    if (item?.key === key) return { position: hint, item };
    // Another copy of this transcript went another way and moved the hint.
    for (let position = this.#list.length - 1; position >= 0; position -= 1) {
      const other = this.#list.at(position);
      if (other?.key === key) return { position, item: other };
    }
    return null;
  }
}

export function isText(item: TranscriptItem): item is TextItem {
  return item.kind === 'text' || item.kind === 'thought' || item.kind === 'userText';
}

function approvalAfter(item: ApprovalItem, event: ApprovalStep): ApprovalItem {
  switch (event.type) {
    case 'approval.decided': {
      const { optionId, allowed, reason, answer, edited, rule, person, by, at } = event;
      const decision = { optionId, allowed, reason, answer, edited, rule, person, by, at };
      return { ...item, phase: 'decided', decision };
    }
    case 'approval.delivered':
      return { ...item, phase: 'delivered' };
    case 'approval.finished':
      return { ...item, phase: event.failed ? 'failed' : 'finished' };
    case 'approval.closed':
      return { ...item, phase: 'closed', closed: event.reason };
    default:
      return assertNever(event, 'approval event');
  }
}

/** A newer host may tell of more than this surface knows; that every known type is handled, the type says. */
function ignoreUnknown(_event: never): void {}
