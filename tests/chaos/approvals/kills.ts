import { runChaos } from '../chaos.ts';
import { planOf, type Action } from '../plan.ts';

export interface KillsOptions {
  /** How many processes are killed, at least. */
  readonly kills: number;
  readonly seed: number;
  say(line: string): void;
}

export interface KillsResult {
  readonly killed: number;
  readonly prompts: number;
  readonly tookMs: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly wrong: readonly string[];
}

const MINUTE_MS = 60_000;
const SESSIONS = 8;
const KILLS: ReadonlySet<Action['do']> = new Set([
  'killHost',
  'killKeeper',
  'killAll',
  'killAdapter',
  'killBinary',
  'killShell',
]);

/**
 * Real hosts, keepers and agents killed at random while two surfaces decide what the agents ask,
 * one of them the other way round: what was allowed leaves a line on disk, by which it is seen what
 * ran twice, or undecided. Sessions and plan are those of `npm run chaos`.
 */
export async function kills({ kills: wanted, seed, say }: KillsOptions): Promise<KillsResult> {
  let minutes = 1;
  const planned = () =>
    planOf(seed, minutes * MINUTE_MS).filter((each) => KILLS.has(each.do)).length;
  while (planned() < wanted) minutes += 0.5;
  const beganAt = performance.now();
  say(`${wanted} kills take ${minutes} minutes`);
  const { violations, counts, prompts } = await runChaos({
    ...{ minutes, seed, sessions: SESSIONS, realAgents: [] },
    log: (line) => {
      if (/ minute | plan is done/.test(line)) say(line);
    },
  });
  const killed = [...counts].reduce((sum, [name, times]) => sum + (isKill(name) ? times : 0), 0);
  return { killed, prompts, tookMs: performance.now() - beganAt, counts, wrong: violations };
}

function isKill(name: string): boolean {
  return [...KILLS].some((each) => each === name);
}
