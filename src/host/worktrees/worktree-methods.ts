import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { LandResult } from '../../protocol/session/workspace.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { Handlers } from '../api/handlers.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { Commands } from '../sessions/commands.ts';
import { checkedFolder } from '../sessions/workspace.ts';
import { changesOf } from './changes.ts';
import { discard } from './discard.ts';
import { GitFailed, type Git } from './git.ts';
import { lstatOf } from './include.ts';
import { land } from './land.ts';
import { othersIn } from './plan.ts';
import { repositoryAt } from './repository.ts';
import { checkRest, withWorktree, type OwnWorktree } from './words.ts';
import type { Workplaces } from './workplaces.ts';

type WorktreeMethods = Pick<
  Handlers,
  'session.changes' | 'session.land' | 'session.discard' | 'folder.look'
>;

export interface WorktreeMethodsNeeds {
  readonly git: Git;
  readonly workplaces: Workplaces;
  readonly commands: Commands;
  /** `<home>/worktrees` */
  readonly worktrees: string;
  readonly sessions: {
    state(id: SessionId): SessionState;
    /** Takes it off its agent and ends it. */
    end(tx: LogWriter, id: SessionId, by: string): void;
    settled(tx: LogWriter, id: SessionId): void;
    all(): Iterable<SessionState>;
  };
  commit<T>(work: (tx: LogWriter) => T): T;
}

export function worktreeMethods(needs: WorktreeMethodsNeeds): WorktreeMethods {
  const { git, workplaces, commands, sessions, commit, worktrees } = needs;

  /** Runs it alone; prompts that came meanwhile go on. */
  const alone = async <T>(id: SessionId, what: string, work: (own: OwnWorktree) => Promise<T>) => {
    if (workplaces.isBusy(id))
      throw new RpcFailure('refused', `The work of ${id} is being landed or discarded just now.`);
    const own = withWorktree(sessions.state(id));
    checkRest(sessions.state(id), what);
    try {
      return await workplaces.alone(id, own.origin, async () => await work(own));
    } finally {
      commit((tx) => sessions.settled(tx, id));
    }
  };

  return {
    'session.changes': async ({ sessionId, patch }) => {
      const own = withWorktree(sessions.state(sessionId));
      await checkThere(own);
      return await changesOf(git, own, patch);
    },
    'session.land': async ({ sessionId, commandId, way, message }, { surface }) => {
      const earlier = commands.earlier<LandResult>(commandId);
      if (earlier !== null) return earlier;
      return await alone(sessionId, 'landed', async (own) => {
        await checkThere(own);
        const words = message?.trim() ? message.trim() : own.title;
        const result = await land(git, { own, way, message: words, worktrees });
        return commands.once(commandId, (tx) => {
          const { outcome, base, commit: to, commits } = result;
          if (outcome === 'landed' && to !== null)
            tx.append(sessionId, {
              type: 'worktree.landed',
              way,
              base,
              commit: to,
              commits,
              by: surface,
            });
          return result;
        });
      });
    },
    'session.discard': async ({ sessionId, commandId, force }, { surface }) => {
      const earlier = commands.earlier<{ keptAs: string | null }>(commandId);
      if (earlier !== null) return earlier;
      return await alone(sessionId, 'discarded', async (own) => {
        const keptAs = await discard(git, {
          own,
          force,
          endAgent: () => commit((tx) => sessions.end(tx, sessionId, surface)),
          isBaseOfOthers: () =>
            [...sessions.all()].some(
              ({ id, origin, worktreeState }) =>
                id !== sessionId &&
                origin?.base === own.origin.branch &&
                origin.root === own.origin.root &&
                worktreeState !== 'discarded',
            ),
        });
        return commands.once(commandId, (tx) => {
          tx.append(sessionId, { type: 'worktree.discarded', keptAs, by: surface });
          return { keptAs };
        });
      });
    },
    'folder.look': async ({ path }) => {
      const folder = await checkedFolder(path);
      const repository = await repositoryAt(git, folder).catch((error: unknown) => {
        if (error instanceof GitFailed) return null;
        throw error;
      });
      return {
        path: folder,
        git:
          repository === null || repository.head === null
            ? null
            : { root: repository.root, branch: repository.branch },
        sessions: othersIn(folder, sessions.all()).map(({ id }) => id),
      };
    },
  };
}

async function checkThere({ id, worktree, worktreeState }: OwnWorktree): Promise<void> {
  if (worktreeState === 'planned')
    throw new RpcFailure('refused', `The worktree of ${id} is not made yet: wait until it is.`);
  if ((await lstatOf(worktree)) !== null) return;
  throw new RpcFailure(
    'refused',
    `The worktree ${worktree} is gone from the disk: bring it back from its branch with "porchlight resume ${id}".`,
    { kind: 'worktree' },
  );
}
