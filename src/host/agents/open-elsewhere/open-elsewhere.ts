import type { Logger } from '../../../base/log.ts';
import { DeadlineExceeded, withDeadline } from '../../../base/deadline.ts';
import type { AgentPipes } from '../../keeper-link/agent-pipes.ts';
import type { AgentProfile, Launch } from '../profile.ts';
import { liveRecords, recordsFolder, type LiveRecord } from './live-records.ts';
import type { RunningProgram, RunningPrograms } from './running-programs.ts';

const LOOK_LIMIT_MS = 15_000;

/** Who has a conversation open already, in words that say how to close it. */
export interface Holder {
  readonly words: string;
  /** False: it may have another conversation of that folder open. */
  readonly isSure: boolean;
}

/** Whether a conversation is open somewhere that is not ours: two writers would spoil it. */
export interface OpenElsewhere {
  find(launch: Launch, conversation: { agentSession: string; cwd: string }): Promise<Holder | null>;
}

/** Looks at the processes of this user, and at what an agent's own processes write down of themselves. */
export class OpenInTerminals implements OpenElsewhere {
  readonly #pipes: Pick<AgentPipes, 'list' | 'processes'>;
  readonly #running: RunningPrograms;
  readonly #logger: Logger;

  constructor(needs: {
    pipes: Pick<AgentPipes, 'list' | 'processes'>;
    running: RunningPrograms;
    logger: Logger;
  }) {
    this.#pipes = needs.pipes;
    this.#running = needs.running;
    this.#logger = needs.logger;
  }

  /** Not knowing is told as a doubt: the person can look, we cannot. */
  async find(
    { profile, env }: Launch,
    conversation: { agentSession: string; cwd: string },
  ): Promise<Holder | null> {
    if (profile.elsewhere === undefined) return null;
    try {
      const look = this.#look(profile, env, conversation);
      return await withDeadline(look, LOOK_LIMIT_MS, 'Looking at the running programs');
    } catch (error) {
      this.#logger.warn({ agent: profile.id, err: error }, 'running agents could not be looked at');
      const why = error instanceof DeadlineExceeded ? 'that took too long' : 'looking failed';
      return {
        isSure: false,
        words: `Whether ${profile.name} has this conversation open in a terminal could not be seen (${why}).`,
      };
    }
  }

  async #look(
    profile: AgentProfile,
    env: Launch['env'],
    { agentSession, cwd }: { agentSession: string; cwd: string },
  ): Promise<Holder | null> {
    const { programs = [], besides = [], records } = profile.elsewhere ?? {};
    const running = await this.#running.find({ programs, besides });
    if (running.length === 0) return null;
    const known =
      records === undefined ? [] : await liveRecords(recordsFolder(records, env), running);
    const sure = known.filter((record) => record.agentSession === agentSession);
    const unsure = running.filter((each) => mayHold(each, cwd, known));
    const suspects = [...sure.map(({ process }) => process), ...unsure];
    if (suspects.length === 0) return null;
    const ours = await this.#ours();
    const holder = suspects.find(({ pid }) => !ours.has(pid));
    if (holder === undefined) return null;
    const isSure = sure.some(({ process }) => process === holder);
    return { isSure, words: wordsFor(profile, holder, isSure) };
  }

  async #ours(): Promise<Set<number>> {
    const running = (await this.#pipes.list()).filter(({ state }) => state === 'running');
    const trees = running.map(async ({ instance, pid }) => {
      // An older keeper does not tell; the agent's own process is known all the same.
      const rows = await this.#pipes.processes(instance).catch(() => []);
      return [...rows.map((row) => row.pid), ...(pid === null ? [] : [pid])];
    });
    return new Set((await Promise.all(trees)).flat());
  }
}

/** One of its folder, unless it says itself that it has another conversation. Where no folder can be seen, any. */
function mayHold(each: RunningProgram, cwd: string, known: readonly LiveRecord[]): boolean {
  if (each.isMarked || known.some(({ process }) => process.pid === each.pid)) return false;
  return each.cwd === null || each.cwd === cwd;
}

function wordsFor(
  { name, elsewhere }: AgentProfile,
  { pid, cwd }: RunningProgram,
  isSure: boolean,
) {
  const close = `Close it there (type ${elsewhere?.exit ?? 'exit'}), then try again.`;
  if (isSure)
    return `The conversation is still open in a terminal (${name}, process ${pid}). ${close}`;
  const where = cwd === null ? 'is running' : `is running in ${cwd}`;
  return `${name} ${where} (process ${pid}) and may have this conversation open. ${close}`;
}
