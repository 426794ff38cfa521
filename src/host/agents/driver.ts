import type { Approval } from '../../protocol/approval/approval.ts';
import type { ApprovalId, CommandId, InstanceId, SessionId } from '../../protocol/ids.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { Problem } from '../../protocol/session/events.ts';
import type { PromptPart } from '../../protocol/transcript/content.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { Launch } from './profile.ts';

export interface OpenRequest {
  readonly sessionId: SessionId;
  readonly launch: Launch;
  readonly cwd: string;
  /** Where a process that several sessions share is started; absent: in `cwd`. */
  readonly processCwd?: string;
  readonly mode: Mode;
  readonly by: string;
  /** The agent's own session to take up, where it can; null for a new one. */
  readonly agentSession: string | null;
  /** That session was begun elsewhere: what the agent tells of it becomes the history here. */
  readonly adopts?: boolean;
  /** Sessions with equal keys may share one process; see ARCHITECTURE.md. */
  readonly shareKey: string;
}

/**
 * All that the rest of the host knows about any agent. Every method runs inside a transaction of
 * the event log and takes effect when it commits; what the agent makes of it arrives as events.
 * Methods on a session that has no agent do nothing and return false.
 */
export interface AgentDriver {
  /** Has the session opened; ends in `agent.started` or `session.failed`. */
  open(tx: LogWriter, request: OpenRequest): void;
  isOpen(sessionId: SessionId, tx?: LogWriter): boolean;
  prompt(
    tx: LogWriter,
    sessionId: SessionId,
    turn: number,
    commandId: CommandId,
    prompt: readonly PromptPart[],
  ): boolean;
  /** Answers all that is open, then cancels. The turn has a limited time to end by itself. */
  cancel(tx: LogWriter, sessionId: SessionId): boolean;
  setMode(tx: LogWriter, sessionId: SessionId, mode: Mode, by: string): boolean;
  /** A change of mode has been asked for, and the agent has not answered. */
  isChangingMode(sessionId: SessionId, tx?: LogWriter): boolean;
  setOption(tx: LogWriter, sessionId: SessionId, option: string, value: string | boolean): boolean;
  /** An option of the agent for a permission, a filled form or null (declined) for a question. */
  answer(tx: LogWriter, sessionId: SessionId, approvalId: ApprovalId, answer: AgentAnswer): boolean;
  /** Nobody decided: answers with that option, with null `cancelled`. Nothing tells that it arrived. */
  dismiss(
    tx: LogWriter,
    sessionId: SessionId,
    approvalId: ApprovalId,
    optionId: string | null,
  ): boolean;
  /** Cancels as {@link cancel} does; the turn then ends as interrupted, with this problem. */
  putAside(tx: LogWriter, sessionId: SessionId, problem: Problem): boolean;
  /**
   * Takes the session off its agent as one that went away: the turn is cut short with this problem.
   * The process is ended too where it `hangs`, or serves no other session.
   */
  cutOff(tx: LogWriter, sessionId: SessionId, problem: Problem, hangs: boolean): boolean;
  /** Takes the session off its agent; a process left without sessions is ended. */
  close(tx: LogWriter, sessionId: SessionId): boolean;
}

/** Whether agents answer at all, for whoever tells people what to expect of them. */
export interface AgentPings {
  /** How long a question waits already; null: none is open. */
  openForMs(instance: InstanceId): number | null;
  /** How long the answer took; null: none within `limitMs`, or nobody to ask. */
  ask(instance: InstanceId, limitMs: number): Promise<number | null>;
}

/** The processes behind the sessions, for whoever shares out the machine. */
export interface AgentProcesses {
  running(tx?: LogWriter): readonly RunningAgent[];
  /** A session with this key would be put on a process that is there. */
  canShare(shareKey: string): boolean;
  /** A tool has left something running; true also where that cannot be known. */
  worksInBackground(instance: InstanceId): Promise<boolean>;
  /**
   * Ends a process whose sessions come back with their next prompt: each gets `agent.exited` with
   * `hibernated`. Inside a transaction, like all of {@link AgentDriver}; false when it may not.
   */
  hibernate(tx: LogWriter, instance: InstanceId): boolean;
}

export interface RunningAgent {
  readonly instance: InstanceId;
  readonly sessions: readonly SessionId[];
  /** Its sessions are open, nothing is asked in either direction, and it can take them up again. */
  readonly mayRest: boolean;
}

export type AgentAnswer =
  | { readonly optionId: string }
  | { readonly content: Record<string, unknown> }
  | { readonly decline: true };

/** What an agent asks of people, as its driver read it. */
export type AskedApproval = Pick<
  Approval,
  'id' | 'kind' | 'title' | 'why' | 'toolCallId' | 'hash' | 'call' | 'options'
>;

/** What a driver asks of the desk. */
export interface ApprovalOwner {
  /**
   * Inside the driver's transaction, which has noted whose request it is: makes it an approval, and
   * decides it where rules do.
   */
  asked(tx: LogWriter, sessionId: SessionId, asked: AskedApproval): void;
}

/** What a driver asks of whoever owns the sessions. */
export interface SessionOwner {
  /** Inside the driver's transaction: the session may take its next prompt, or lost its agent. */
  settled(tx: LogWriter, sessionId: SessionId): void;
  /** Inside the transaction that ended a turn, right after that event; `settled` follows. */
  turnEnded(tx: LogWriter, sessionId: SessionId): void;
  /** The turn has ended, and its prompt never reached the agent. */
  unheard(tx: LogWriter, sessionId: SessionId, turn: number): void;
}

/** An agent has changed its mode by itself. */
export interface Drift {
  readonly sessionId: SessionId;
  /** The mode in force before; null: one of the agent's own. */
  readonly from: Mode | null;
  readonly to: Mode | null;
}
