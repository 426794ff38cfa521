import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import type { Config } from '../../protocol/config.ts';
import type { Env } from '../agents/clean-env.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Commands } from '../sessions/commands.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { Git } from './git.ts';
import { realPathOf } from './repository.ts';
import { setupProgramFor } from './setup-shell.ts';
import { leftovers, sweep } from './sweep.ts';
import { Workplaces } from './workplaces.ts';
import { worktreeMethods } from './worktree-methods.ts';

const SWEEP_EVERY_MS = 3_600_000;

export interface WorktreesNeeds {
  /** Of the home; its folder of worktrees is made here. */
  readonly homeRoot: string;
  readonly log: EventLog;
  readonly commands: Commands;
  readonly logger: Logger;
  loginEnv(): Promise<Env>;
  config(): Config;
  now(): Date;
}

/** All of the worktrees' objects, joined; sessions come later, since they need the places first. */
export function composeWorktrees(needs: WorktreesNeeds) {
  const { log, commands, logger, loginEnv, config, now } = needs;
  const folder = join(needs.homeRoot, 'worktrees');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const worktrees = realpathSync.native(folder);
  const dead = leftovers(worktrees);
  const git = new Git(loginEnv);
  const places = new Workplaces({
    git,
    log,
    logger,
    worktrees,
    setup: { logger, program: setupProgramFor(process.platform), env: loginEnv },
    isolate: () => config().sessions?.isolate,
    setupOf: async (root) => await setupCommandOf(config(), root),
  });
  const all = () => log.states().values();
  return {
    places,
    methods: (sessions: Sessions) =>
      worktreeMethods({
        git,
        workplaces: places,
        commands,
        worktrees,
        commit: (work) => log.commit(work),
        sessions: {
          all,
          state: (id) => sessions.state(id),
          end: (tx, id, by) => sessions.end(tx, id, by),
          settled: (tx, id) => sessions.settled(tx, id),
        },
      }),
    /** Sweeps now and then hourly; what it finds and leaves alone is told. Returns the stop. */
    startSweeping: (tell: (problem: string | null) => void): (() => void) => {
      const once = (): void => {
        sweep({ git, logger, worktrees, sessions: all, now }, dead).then(tell, (error: unknown) =>
          logger.warn({ err: error }, 'the worktrees could not be swept'),
        );
      };
      once();
      const timer = setInterval(once, SWEEP_EVERY_MS);
      return () => clearInterval(timer);
    },
  };
}

/** Paths in config.json are as people write them: links and all. */
async function setupCommandOf(config: Config, root: string): Promise<string | null> {
  for (const [path, command] of Object.entries(config.worktrees?.setup ?? {})) {
    if (path === root) return command;
    const real = await realPathOf(path).catch(() => null);
    if (real === root) return command;
  }
  return null;
}
