import { rmSync, writeFileSync } from 'node:fs';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { eventually, newCommandId, text } from '../support/host-under-test.ts';
import { killHard } from '../support/processes.ts';
import { HOLD_START, type CrashHome } from './crash-home.ts';
import type { Moment } from './expectations.ts';

const HOLD_TOOL = 'hold-tool';
const STOP_STREAM = 'stop-stream';
export const RUNS = 'runs';
const TOOL = `echo begun >> ${RUNS}; while [ -e ${HOLD_TOOL} ]; do sleep 0.02; done; echo done >> ${RUNS}`;
const STREAM = `SCRIPT:stream n=100000 rate=100 until=${STOP_STREAM}`;
const SOME_CHUNKS = 10;
const MODE = 'edits';

/** A moment that holds until it is released. */
export interface Held {
  readonly sessionId: SessionId;
  /** The turn it is about. */
  readonly turn: number;
  readonly approval: Approval | null;
  /** Prompts that wait, in their order. */
  readonly queued: readonly string[];
  /** Lets what was held go on, after the victim is dead and all is back. */
  release(): Promise<void>;
  /** Lets a keeper that was stopped to hold the moment go on, if it is still there. */
  resumeKeeper(): void;
}

/** Brings a new session to the moment. `childFirst`: with a shell in the background, to be killed. */
export async function reach(home: CrashHome, moment: Moment, childFirst: boolean): Promise<Held> {
  if (moment === 'starting') return await starting(home);
  const sessionId = await begin(home, childFirst ? 'SCRIPT:child' : 'SCRIPT:recall');
  const held = { sessionId, turn: 2, approval: null, queued: [], resumeKeeper: () => {} };
  const streams = async (): Promise<void> => {
    await home.send(sessionId, STREAM);
    await chunks(home, sessionId, SOME_CHUNKS);
  };
  const stopStream = async (): Promise<void> => writeFileSync(home.path(STOP_STREAM), '');
  switch (moment) {
    case 'streaming':
      await streams();
      return { ...held, release: stopStream };
    case 'queueWaiting': {
      await streams();
      const queued = [
        await home.send(sessionId, 'SCRIPT:image'),
        await home.send(sessionId, 'SCRIPT:recall'),
      ];
      return { ...held, queued, release: stopStream };
    }
    case 'toolRunning': {
      writeFileSync(home.path(HOLD_TOOL), '');
      const approval = await asks(home, sessionId);
      await decide(home, approval);
      await eventually(async () => (home.lines(RUNS).length > 0 ? true : null));
      return { ...held, release: async () => rmSync(home.path(HOLD_TOOL)) };
    }
    case 'approvalOpen': {
      const approval = await asks(home, sessionId);
      return { ...held, approval, release: async () => {} };
    }
    case 'answerOnItsWay':
    case 'cancelOnItsWay': {
      const approval = await asks(home, sessionId);
      const { keeperPid } = await home.status();
      // Whatever the host sends from here on, the keeper does not pass on.
      killHard(keeperPid, 'SIGSTOP');
      const resumeKeeper = (): void => void killHard(keeperPid, 'SIGCONT');
      // Nobody waits for the answer: the host may be dead before.
      const told =
        moment === 'answerOnItsWay'
          ? decide(home, approval)
          : home.surface.client.call('session.cancel', { sessionId, commandId: newCommandId() });
      told.catch(() => {});
      if (moment === 'answerOnItsWay') await home.surface.event(sessionId, 'approval.decided');
      else await home.surface.event(sessionId, 'approval.closed');
      return { ...held, approval, release: async () => {}, resumeKeeper };
    }
    case 'idle':
      return { ...held, release: async () => {} };
  }
}

export async function decide(home: CrashHome, { id, hash }: Approval): Promise<string> {
  const { outcome } = await home.surface.client.call('approval.decide', {
    commandId: newCommandId(),
    approvalId: id,
    hash,
    choice: { allow: true },
  });
  return outcome;
}

/** Until `count` more pieces of text have been seen than before. */
export async function chunks(home: CrashHome, sessionId: SessionId, count: number): Promise<void> {
  const seen = (): number =>
    home.surface.seen(sessionId).filter(({ type }) => type === 'agent.text').length;
  const before = seen();
  await eventually(async () => (seen() >= before + count ? true : null));
}

async function starting(home: CrashHome): Promise<Held> {
  writeFileSync(home.path(HOLD_START), '');
  const { client } = home.surface;
  client
    .call('session.start', startParams(home, 'SCRIPT:stream n=3 rate=1000'), 60_000)
    .catch(() => {});
  const sessionId = await eventually(async () => {
    const { sessions } = await client.call('session.list', {});
    return sessions[0]?.id ?? null;
  });
  await home.surface.follow(sessionId);
  await eventually(async () => (home.lines('starts').length > 0 ? true : null));
  return {
    sessionId,
    turn: 1,
    approval: null,
    queued: [],
    release: async () => rmSync(home.path(HOLD_START), { force: true }),
    resumeKeeper: () => {},
  };
}

/** A session after its first turn, in a mode and with a model that are not what it begins with. */
async function begin(home: CrashHome, prompt: string): Promise<SessionId> {
  const { client } = home.surface;
  const { sessionId } = await client.call('session.start', startParams(home, prompt), 60_000);
  await home.surface.follow(sessionId);
  await home.until(sessionId, ({ turn }) => turn?.endedAt != null);
  const commandId = newCommandId();
  await client.call('session.setOption', { sessionId, commandId, option: 'model', value: 'match' });
  await home.until(sessionId, ({ options }) =>
    options.some(({ id, current }) => id === 'model' && current === 'match'),
  );
  return sessionId;
}

function startParams(home: CrashHome, prompt: string) {
  return {
    commandId: newCommandId(),
    agent: 'crash',
    cwd: home.workspace,
    mode: MODE,
    prompt: text(prompt),
  } as const;
}

async function asks(home: CrashHome, sessionId: SessionId): Promise<Approval> {
  await home.send(sessionId, `SCRIPT:shell cmd=${TOOL}`);
  const { approvals } = await home.until(sessionId, (state) => state.approvals.length > 0);
  const [approval] = approvals;
  if (approval === undefined) throw new Error('no approval');
  return approval;
}
