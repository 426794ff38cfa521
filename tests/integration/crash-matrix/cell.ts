import { existsSync } from 'node:fs';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import { eventually, newCommandId } from '../support/host-under-test.ts';
import { isRunning, killHard, type RunningProcess } from '../support/processes.ts';
import { CrashHome, type AgentProcesses } from './crash-home.ts';
import { MATRIX, type Expectation, type Moment, type Victim } from './expectations.ts';
import { chunks, decide, reach, RUNS, type Held } from './moments.ts';

const NEW_BUILD = '1.0.1';
/** The keeper gives what an agent leaves behind this long at most, and then some. */
const LEFT_LIMIT_MS = 15_000;

/** A tray app that can be killed; the real one in tests/e2e. */
export interface Tray {
  start(home: CrashHome): Promise<void>;
  /** With SIGKILL, all its processes. */
  kill(): Promise<void>;
}

/** What the test compares: the expectation as it was observed, and what must hold in every cell. */
export interface Observed extends Omit<Expectation, 'says'> {
  /** What differs between the acknowledged events and the log, or is wrong with its numbers. */
  readonly lost: readonly string[];
  readonly epochs: number;
  readonly kept: { readonly mode: string | null; readonly model: unknown; readonly cwd: boolean };
  /** The agent knows every prompt that was ever begun. */
  readonly remembers: boolean;
  readonly textIsWhole: boolean;
  /** Prompts that ran more than once, or never. */
  readonly promptsRun: readonly number[];
  /** Processes that are still there when all was told to stop. */
  readonly orphans: readonly string[];
}

export function expected(victim: Victim, moment: Moment): Observed {
  const { says: _, ...expectation } = MATRIX[victim][moment];
  return {
    ...expectation,
    lost: [],
    epochs: 1,
    kept: { mode: 'edits', model: moment === 'starting' ? 'lantern' : 'match', cwd: true },
    remembers: true,
    textIsWhole: true,
    promptsRun: [],
    orphans: [],
  };
}

/** Plays one cell in a home of its own. */
export async function play(victim: Victim, moment: Moment, tray?: Tray): Promise<Observed> {
  const home = new CrashHome();
  let held: Held | null = null;
  try {
    await home.start();
    await tray?.start(home);
    // A tool that runs has a shell itself.
    held = await reach(home, moment, victim === 'shell' && moment !== 'toolRunning');
    return { ...(await observe(home, victim, moment, held, tray)), orphans: await home.end() };
  } catch (error) {
    held?.resumeKeeper();
    await home.end();
    throw error;
  }
}

async function observe(
  home: CrashHome,
  victim: Victim,
  moment: Moment,
  held: Held,
  tray: Tray | undefined,
): Promise<Omit<Observed, 'orphans'>> {
  const { sessionId, turn, approval } = held;
  const { surface } = home;
  const row = MATRIX[victim][moment];
  const before = await home.agentProcesses(sessionId);
  const killedAfter = surface.seen(sessionId).at(-1)?.seq ?? 0;
  await strike(home, victim, before, tray, held);
  if (row.agent === 'same' && moment === 'streaming') await chunks(home, sessionId, 5);
  // What is to be ended must not come to its own end.
  if (row.agent === 'same' || moment === 'starting') await held.release();
  if (moment === 'approvalOpen' && approval !== null) {
    if (row.agent === 'same') await decide(home, approval);
    else if ((await lateAnswer(home, sessionId, approval)) === 'decided')
      throw new Error('An approval of an agent that is gone could be decided.');
  }
  const outcome = moment === 'idle' ? null : await outcomeOf(home, sessionId, turn);
  const queue = await queueOf(home, held);
  if (victim === 'binary' && moment === 'idle') {
    // Its adapter must have seen it die, or the prompt would count as begun.
    await eventually(async () => (existsSync(`/proc/${before.binary?.pid}`) ? null : true));
    await nextTurn(home, sessionId);
  }
  const leavesNothing = row.leavesNothing ? await areGone(before.all) : !before.all.some(isRunning);
  // An adapter does not say that its own process has died: the next prompt finds out.
  if (moment === 'idle' && leavesNothing && victim !== 'binary')
    await surface.event(sessionId, 'agent.exited');
  const again = await nextTurn(home, sessionId);
  const state = await home.state(sessionId);
  const stored = await storedEvents(home, sessionId);
  const after = await home.agentProcesses(sessionId);
  const tool = toolOf(home, approval, moment);
  const call = callOf(stored, turn);
  const found = approval && approvalOf(stored, approval, killedAfter);
  const isOver = row.approval === 'over' && (found === 'delivered' || found === 'agentGone');
  const what = isOver ? 'over' : found;
  return {
    agent: agentOf(before, after, stored),
    turn: outcome,
    leavesNothing,
    ...(what !== null && { approval: what }),
    ...(tool !== null && { tool }),
    ...(call !== null && { call }),
    ...(queue !== null && { queue }),
    lost: surface.differences(sessionId, stored),
    epochs: surface.epochs.size,
    kept: {
      mode: state.mode,
      model: state.options.find(({ id }) => id === 'model')?.current,
      cwd: state.cwd === home.workspace,
    },
    remembers: again === `You have sent ${turnsBegun(stored)} prompts, this one included.`,
    textIsWhole: textIsWhole(stored),
    promptsRun: notOnce(stored),
  };
}

/** Kills, and resolves when a host serves again. */
async function strike(
  home: CrashHome,
  victim: Victim,
  agent: AgentProcesses,
  tray: Tray | undefined,
  held: Held,
): Promise<void> {
  const { surface } = home;
  const { pid, keeperPid } =
    victim === 'tray' || isAgents(victim) ? { pid: 0, keeperPid: 0 } : await home.status();
  const kill = (processes: readonly (RunningProcess | undefined)[]): void => {
    for (const each of processes)
      if (each === undefined || !killHard(each.pid)) throw new Error(`There is no ${victim}.`);
  };
  switch (victim) {
    case 'tray':
      await tray?.kill();
      break;
    case 'shell':
      kill([agent.shells[0]]);
      break;
    case 'adapter':
      kill([agent.adapter]);
      break;
    case 'binary':
      kill([agent.binary]);
      break;
    case 'host':
      killHard(pid);
      break;
    case 'keeper':
      killHard(keeperPid);
      break;
    case 'upgrade':
      home.upgrade(NEW_BUILD);
      await surface.client.call('host.stop', { all: false });
      break;
    case 'all':
      await tray?.kill();
      for (const each of [pid, keeperPid, ...agent.all.map((one) => one.pid)]) killHard(each);
      break;
  }
  held.resumeKeeper();
  if (victim === 'tray' || isAgents(victim)) return;
  surface.cut();
  if (victim === 'all') home.startKeeper();
  await eventually(async () => {
    await surface.connect();
    // One that is about to die may still take us.
    const now = await home.status().catch(() => null);
    return now === null || now.pid === pid ? null : true;
  }, 30_000);
  const { version } = await home.status();
  if (victim === 'upgrade' && version !== NEW_BUILD)
    throw new Error(`The host is of build ${version}, not ${NEW_BUILD}.`);
}

const isAgents = (victim: Victim): boolean =>
  victim === 'adapter' || victim === 'binary' || victim === 'shell';

async function lateAnswer(home: CrashHome, id: SessionId, approval: Approval): Promise<string> {
  await home.surface.event(id, 'approval.closed', (each) => each.approvalId === approval.id);
  return await decide(home, approval);
}

async function outcomeOf(
  home: CrashHome,
  sessionId: SessionId,
  turn: number,
): Promise<Expectation['turn']> {
  const state = await home.until(
    sessionId,
    (each) =>
      ((each.turn?.turn ?? 0) >= turn && each.turn?.endedAt != null) || each.state === 'failed',
  );
  if (state.state === 'failed') {
    if (state.problem === null || !state.held) throw new Error('It failed without a word.');
    await resume(home, sessionId);
    await home.until(sessionId, (each) => each.turn?.turn === turn && each.turn.endedAt !== null);
    return 'failed';
  }
  const ended = await home.surface.event(sessionId, 'turn.ended', (each) => each.turn === turn);
  const { outcome } = ended;
  if (outcome === 'failed' || outcome === 'refused' || outcome === 'limited')
    throw new Error(`The turn ended ${outcome}: ${JSON.stringify(ended.problem)}`);
  return outcome;
}

async function queueOf(home: CrashHome, held: Held): Promise<'goesOn' | 'held' | null> {
  const { sessionId, queued, turn } = held;
  if (queued.length === 0) return null;
  const state = await home.until(
    sessionId,
    (each) => each.held || (each.queue.length === 0 && each.turn?.endedAt != null),
  );
  const isHeld = state.held;
  if (isHeld) {
    if (state.queue.length !== queued.length) throw new Error('Some of the queue is gone.');
    await resume(home, sessionId);
  }
  await home.until(
    sessionId,
    (each) => each.turn?.turn === turn + queued.length && each.turn.endedAt !== null,
  );
  return isHeld ? 'held' : 'goesOn';
}

async function resume(home: CrashHome, sessionId: SessionId): Promise<void> {
  const commandId = newCommandId();
  await home.surface.client.call('session.resume', { sessionId, commandId }, 60_000);
}

/** A prompt to whatever agent there is now; answers what it said. */
async function nextTurn(home: CrashHome, sessionId: SessionId): Promise<string> {
  const commandId = await home.send(sessionId, 'SCRIPT:recall');
  const { surface } = home;
  const [started, ended] = await eventually(async () => {
    const seen = surface.seen(sessionId);
    const begun = seen.findLast(
      (event) => event.type === 'turn.started' && event.commandId === commandId,
    );
    const over = seen.findLast((event) => event.type === 'turn.ended');
    const isOver = begun?.type === 'turn.started' && over?.type === 'turn.ended';
    if (!isOver || over.turn !== begun.turn) return null;
    const state = await home.state(sessionId);
    return state.state === 'idle' && state.queue.length === 0 ? [begun, over] : null;
  });
  if (ended.outcome !== 'completed')
    throw new Error(`The next prompt ended ${ended.outcome}: ${JSON.stringify(ended.problem)}`);
  return surface
    .seen(sessionId)
    .filter((event) => event.seq > started.seq)
    .flatMap((event) => (event.type === 'agent.text' ? [event.text] : []))
    .join('');
}

async function storedEvents(home: CrashHome, sessionId: SessionId): Promise<SessionEvent[]> {
  const all: SessionEvent[] = [];
  for (;;) {
    const { events, more } = await home.surface.client.call('session.events', {
      sessionId,
      after: all.at(-1)?.seq ?? 0,
      limit: 2_000,
    });
    all.push(...events);
    if (!more) return all;
  }
}

function agentOf(
  before: AgentProcesses,
  after: AgentProcesses,
  stored: readonly SessionEvent[],
): Expectation['agent'] {
  const key = (each: RunningProcess | undefined) => each && `${each.pid} ${each.startedAt}`;
  if (key(before.adapter) === key(after.adapter) && key(before.binary) === key(after.binary))
    return 'same';
  const last = stored.findLast((event) => event.type === 'agent.started');
  return last?.type === 'agent.started' && last.loaded ? 'loads' : 'anew';
}

function toolOf(
  home: CrashHome,
  approval: Approval | null,
  moment: Moment,
): Expectation['tool'] | null {
  if (approval === null && moment !== 'toolRunning') return null;
  const count = (word: string) => home.lines(RUNS).filter((line) => line === word).length;
  // More than one is what the comparison is there to find.
  return { begun: count('begun'), done: count('done') } as NonNullable<Expectation['tool']>;
}

function callOf(stored: readonly SessionEvent[], turn: number): Expectation['call'] | null {
  const from = stored.findIndex((event) => event.type === 'turn.started' && event.turn === turn);
  const last = stored
    .slice(from)
    .findLast((event) => event.type === 'tool.updated' && event.status !== undefined);
  if (last?.type !== 'tool.updated') return null;
  return last.status === 'completed' || last.status === 'failed' ? last.status : null;
}

function approvalOf(
  stored: readonly SessionEvent[],
  { id }: Approval,
  killedAfter: number,
): Expectation['approval'] | null {
  const about = stored.filter((event) => 'approvalId' in event && event.approvalId === id);
  const closed = about.find((event) => event.type === 'approval.closed');
  if (closed?.type === 'approval.closed')
    return closed.reason === 'agentGone' || closed.reason === 'cancelled' ? closed.reason : null;
  const decided = about.filter((event) => event.type === 'approval.decided');
  const delivered = about.filter((event) => event.type === 'approval.delivered');
  const failed = about.filter((event) => event.type === 'approval.finished' && event.failed);
  // What a process had heard that went with its keeper is not known, and not told.
  if (decided.length === 1 && delivered.length === 0 && failed.length === 1) return 'over';
  if (decided.length !== 1 || delivered.length !== 1) return null;
  return (decided[0]?.seq ?? 0) > killedAfter ? 'answeredAfter' : 'delivered';
}

const turnsBegun = (stored: readonly SessionEvent[]): number =>
  stored.filter(({ type }, index) => type === 'turn.started' && !isUnheard(stored, index)).length;

/** The numbered pieces of each streamed turn come in their order, each once. */
function textIsWhole(stored: readonly SessionEvent[]): boolean {
  let next = 0;
  return stored.every((event) => {
    if (event.type === 'turn.started') next = 0;
    if (event.type !== 'agent.text' || !event.text.startsWith('chunk-')) return true;
    const isNext = event.text === `chunk-${next} `;
    next += 1;
    return isNext;
  });
}

/** How often each prompt that was queued has begun, of those that did not once. */
function notOnce(stored: readonly SessionEvent[]): number[] {
  const prompts = new Set(
    stored.flatMap((event) => (event.type === 'prompt.queued' ? [event.commandId] : [])),
  );
  const begun = stored.flatMap((event, index) =>
    event.type === 'turn.started' && !isUnheard(stored, index) ? [event.commandId] : [],
  );
  return [...prompts]
    .map((prompt) => begun.filter((each) => each === prompt).length)
    .filter((times) => times !== 1);
}

/** A turn whose prompt reached nobody: it ends at once, and the prompt goes again. */
function isUnheard(stored: readonly SessionEvent[], started: number): boolean {
  const [begun, ended] = stored.slice(started);
  return (
    begun?.type === 'turn.started' &&
    ended?.type === 'turn.ended' &&
    stored.some(
      (event) =>
        event.type === 'prompt.queued' &&
        event.commandId === begun.commandId &&
        event.seq > ended.seq,
    )
  );
}

async function areGone(processes: readonly RunningProcess[]): Promise<boolean> {
  return await eventually(
    async () => (processes.some(isRunning) ? null : true),
    LEFT_LIMIT_MS,
  ).catch(() => false);
}
