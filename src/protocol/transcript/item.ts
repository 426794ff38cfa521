import type { Approval } from '../approval/approval.ts';
import type { RuleRef } from '../rules/rule-ref.ts';
import type { EventBody, Problem, TurnOutcome } from '../session/events.ts';
import type { PlanEntry, PromptPart } from './content.ts';
import type { ToolPatch, ToolStatus } from './tool-call.ts';

type Body<T extends EventBody['type']> = Extract<EventBody, { type: T }>;

interface Placed {
  /** Stable and unique in its session: a list may use it as a key. */
  readonly key: string;
  /** The event that put it here. */
  readonly seq: number;
  /** When that was; of growing text, when it last grew. */
  readonly at: string;
}

/** What the person asked, where its turn began. */
export interface PromptItem extends Placed {
  readonly kind: 'prompt';
  readonly turn: number;
  readonly commandId: string;
  /** null while the page of history that holds it is not loaded. */
  readonly prompt: readonly PromptPart[] | null;
  readonly by: string | null;
}

/** `userText` is what the agent says the person said, in a conversation it loaded. */
export interface TextItem extends Placed {
  readonly kind: 'text' | 'thought' | 'userText';
  readonly text: string;
  readonly messageId: string | undefined;
}

export interface ImageItem extends Placed {
  readonly kind: 'image';
  readonly mimeType: string;
  readonly data: string;
}

export interface LinkItem extends Placed {
  readonly kind: 'link';
  readonly uri: string;
  readonly name: string;
}

/** What is undefined the agent has not said (or an earlier page of history says it). */
export interface ToolItem extends Placed, Omit<ToolPatch, 'kind' | 'status'> {
  readonly kind: 'tool';
  readonly toolKind: ToolPatch['kind'];
  /** To be shown: as reported, or `failed` when its turn was cut short. */
  readonly status: ToolStatus;
  readonly reported: ToolStatus | undefined;
  /** How the turn ended that left it unfinished. */
  readonly cutShort: TurnOutcome | null;
  readonly endedAt: string | null;
}

/** The plan of a turn, in its newest form. */
export interface PlanItem extends Placed {
  readonly kind: 'plan';
  readonly entries: readonly PlanEntry[];
}

export interface ModeItem extends Placed {
  readonly kind: 'mode';
  readonly mode: Body<'mode.changed'>['mode'];
  readonly native: string;
  readonly by: string;
  /** The mode that the agent had taken by itself, where policy put it back. */
  readonly undoes?: Body<'mode.changed'>['undoes'];
}

export interface CompactionItem extends Placed {
  readonly kind: 'compaction';
  readonly status: Body<'context.compacted'>['status'];
  readonly summary: string | undefined;
}

export interface NoticeItem extends Placed {
  readonly kind: 'notice';
  readonly level: Body<'notice'>['level'];
  readonly text: string;
  readonly by: string;
}

export interface ApprovalDecision {
  readonly optionId: string | null;
  readonly allowed: boolean;
  readonly reason: string | undefined;
  readonly answer: unknown;
  /** The input that was asked for instead. */
  readonly edited: unknown;
  /** The rule that decided; absent: a person did. */
  readonly rule: RuleRef | undefined;
  readonly person: string | undefined;
  readonly by: string;
  readonly at: string;
}

export interface ApprovalItem extends Placed {
  readonly kind: 'approval';
  readonly approval: Approval;
  readonly phase: 'open' | 'decided' | 'delivered' | 'finished' | 'failed' | 'closed';
  readonly decision: ApprovalDecision | null;
  /** Why it closed without a decision. */
  readonly closed: Body<'approval.closed'>['reason'] | null;
}

export interface AgentStartedItem extends Placed {
  readonly kind: 'agentStarted';
  readonly name: string;
  readonly version: string;
  readonly loaded: boolean;
}

export interface AgentExitedItem extends Placed {
  readonly kind: 'agentExited';
  readonly expected: boolean;
  /** It was idle; the next prompt brings it back. */
  readonly hibernated: boolean;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface TurnEndItem extends Placed {
  readonly kind: 'turnEnd';
  readonly turn: number;
  readonly outcome: TurnOutcome;
  readonly problem: Problem | undefined;
}

export interface ProblemItem extends Placed {
  readonly kind: 'problem';
  readonly problem: Problem;
}

export interface EndedItem extends Placed {
  readonly kind: 'ended';
  readonly by: string;
}

/** Something that happened to the session as a whole. */
export interface StepItem extends Placed {
  readonly kind: 'step';
  readonly step:
    | Body<'session.parked'>
    | Body<'session.unparked'>
    | Body<'worktree.landed'>
    | Body<'worktree.discarded'>
    | Body<'machine.sleeping'>
    | Body<'machine.woke'>;
}

/** One thing in a transcript as a person sees it. */
export type TranscriptItem =
  | PromptItem
  | TextItem
  | ImageItem
  | LinkItem
  | ToolItem
  | PlanItem
  | ModeItem
  | CompactionItem
  | NoticeItem
  | ApprovalItem
  | AgentStartedItem
  | AgentExitedItem
  | TurnEndItem
  | ProblemItem
  | EndedItem
  | StepItem;
