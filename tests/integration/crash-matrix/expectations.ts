/**
 * The crash matrix as data: who is killed when, and what the person and the agent must see then.
 * The tests run every cell; docs/crash-matrix.md is made from it (build/crash-matrix.mjs).
 */
export const VICTIMS = {
  tray: 'the tray app',
  host: 'the host',
  upgrade: 'the host, replaced by another build',
  shell: 'a shell the agent runs',
  adapter: 'the ACP adapter',
  binary: "the agent's own binary",
  keeper: 'the keeper',
  all: 'everything at once (reboot)',
} as const;
export type Victim = keyof typeof VICTIMS;

export const MOMENTS = {
  starting: 'the agent is starting',
  streaming: 'it streams text',
  toolRunning: 'a tool runs',
  approvalOpen: 'an approval is open',
  answerOnItsWay: 'an answer is on its way',
  cancelOnItsWay: 'a cancel is on its way',
  queueWaiting: 'two prompts wait',
  idle: 'nothing goes on',
} as const;
export type Moment = keyof typeof MOMENTS;

export interface Expectation {
  /**
   * `same`: the same process goes on. `loads`: another one takes the conversation up again with
   * session/load. `anew`: another one, which had no conversation yet.
   */
  readonly agent: 'same' | 'loads' | 'anew';
  /** How the turn ends; null where there is none. `failed`: it could not begin. */
  readonly turn: 'completed' | 'interrupted' | 'cancelled' | 'failed' | null;
  /**
   * What becomes of the approval: `answeredAfter` by the person, when all is back; `delivered`, the
   * answer that was given before; `agentGone`, closed; `cancelled` with the turn; `over`, given or
   * closed, since the keeper may have written the answer to a pipe that nobody read any more.
   */
  readonly approval?: 'answeredAfter' | 'delivered' | 'agentGone' | 'cancelled' | 'over';
  /** How often the command has run and how often it came to its end, counted from the outside. */
  readonly tool?: { readonly begun: 0 | 1; readonly done: 0 | 1 };
  /** How the open tool call ends. */
  readonly call?: 'completed' | 'failed';
  /** Whether what waits goes on by itself, or waits on until the person says so. */
  readonly queue?: 'goesOn' | 'held';
  /** Nothing of the processes that the agent had may live on. */
  readonly leavesNothing: boolean;
  readonly says: string;
}

type Row = Readonly<Record<Moment, Expectation>>;

const SAME = { agent: 'same', leavesNothing: false } as const;
const GONE = { agent: 'loads', leavesNothing: true } as const;
const ONCE = { begun: 1, done: 1 } as const;
const CUT = { begun: 1, done: 0 } as const;
const NEVER = { begun: 0, done: 0 } as const;

/** The agent does not notice. */
const unnoticed: Row = {
  starting: {
    ...SAME,
    turn: 'completed',
    says: 'The agent is started once, and its first prompt runs.',
  },
  streaming: {
    ...SAME,
    turn: 'completed',
    says: 'Every piece of text is there, once.',
  },
  toolRunning: {
    ...SAME,
    turn: 'completed',
    tool: ONCE,
    call: 'completed',
    says: 'The command goes on and runs once.',
  },
  approvalOpen: {
    ...SAME,
    turn: 'completed',
    approval: 'answeredAfter',
    tool: ONCE,
    call: 'completed',
    says: 'The approval stays open and is answered afterwards; the command runs once.',
  },
  answerOnItsWay: {
    ...SAME,
    turn: 'completed',
    approval: 'delivered',
    tool: ONCE,
    call: 'completed',
    says: 'The answer arrives once; the command runs once.',
  },
  cancelOnItsWay: {
    ...SAME,
    turn: 'cancelled',
    approval: 'cancelled',
    tool: NEVER,
    call: 'failed',
    says: 'The cancel arrives; nothing runs.',
  },
  queueWaiting: {
    ...SAME,
    turn: 'completed',
    queue: 'goesOn',
    says: 'Both prompts run in their order, once.',
  },
  idle: { ...SAME, turn: null, says: 'The next prompt is answered by the same process.' },
};

/** The agent is gone, and nobody knows whether it will be wanted to go on. */
const interrupted: Row = {
  starting: {
    agent: 'anew',
    leavesNothing: true,
    turn: 'failed',
    says: 'The session says why its agent could not start. The prompt is kept; resume runs it.',
  },
  streaming: {
    ...GONE,
    turn: 'interrupted',
    says: 'The turn is interrupted; the text so far is kept.',
  },
  toolRunning: {
    ...GONE,
    turn: 'interrupted',
    tool: CUT,
    call: 'failed',
    says: 'The turn is interrupted; the command is ended and its call closed as failed.',
  },
  approvalOpen: {
    ...GONE,
    turn: 'interrupted',
    approval: 'agentGone',
    tool: NEVER,
    call: 'failed',
    says: 'The turn is interrupted and the approval closed; a late answer is refused; nothing runs.',
  },
  answerOnItsWay: {
    ...GONE,
    turn: 'interrupted',
    approval: 'over',
    tool: NEVER,
    call: 'failed',
    says: 'The turn is interrupted; the answer reaches nobody, and the command does not run.',
  },
  cancelOnItsWay: {
    ...GONE,
    turn: 'cancelled',
    approval: 'cancelled',
    tool: NEVER,
    call: 'failed',
    says: 'The turn is cancelled; nothing runs.',
  },
  queueWaiting: {
    ...GONE,
    turn: 'interrupted',
    queue: 'held',
    says: 'The turn is interrupted; both prompts wait until the person says so, then run in order.',
  },
  idle: {
    ...GONE,
    turn: null,
    says: 'The next prompt brings the agent back with its conversation.',
  },
};

/** The agent is gone with its keeper: before its session was open, nothing was asked of it. */
const withItsKeeper: Row = {
  ...interrupted,
  starting: {
    agent: 'anew',
    leavesNothing: true,
    turn: 'completed',
    says: 'The agent is started again by itself, and the first prompt runs once.',
  },
};

export const MATRIX: Readonly<Record<Victim, Row>> = {
  tray: unnoticed,
  host: unnoticed,
  upgrade: unnoticed,
  shell: {
    ...unnoticed,
    starting: {
      ...SAME,
      turn: 'completed',
      says: 'The agent goes on without what that shell would have told it.',
    },
    toolRunning: {
      ...SAME,
      turn: 'completed',
      tool: CUT,
      call: 'failed',
      says: 'The call fails, the agent hears of it and goes on.',
    },
  },
  adapter: interrupted,
  binary: interrupted,
  keeper: withItsKeeper,
  all: withItsKeeper,
};

/** Cells that do not hold yet, and why. Their tests must fail, so that this list stays true. */
export const NOT_HOLDING: Partial<Record<`${Victim} ${Moment}`, string>> = {};
