import { mkdir } from 'node:fs/promises';
import type { Logger } from '../../base/log.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { WorktreeOrigin } from '../../protocol/session/workspace.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Places, WantedPlace } from '../sessions/places.ts';
import { checkedFolder } from '../sessions/workspace.ts';
import type { Git } from './git.ts';
import { copyIncluded, lstatOf } from './include.ts';
import { InTurn } from './in-turn.ts';
import { makeWorktree } from './make.ts';
import { othersIn, planPlace, sharedFolder, type Claim } from './plan.ts';
import { commonDirOf, turnOf } from './repository.ts';
import { runSetup, type SetupNeeds } from './setup.ts';
import { fillSubmodules } from './submodules.ts';
import { discarded } from './words.ts';

export interface WorkplacesNeeds {
  readonly git: Git;
  readonly log: EventLog;
  readonly logger: Logger;
  /** `<home>/worktrees`, its links resolved. */
  readonly worktrees: string;
  readonly setup: SetupNeeds;
  /** What a session gets that does not say; from config.json. */
  isolate(): 'worktree' | 'none' | undefined;
  /** The setup command of the repository at this path; from config.json. */
  setupOf(root: string): Promise<string | null>;
}

/** Finds and makes the folders that sessions work in. */
export class Workplaces implements Places {
  readonly inTurn = new InTurn();
  readonly #needs: WorkplacesNeeds;
  readonly #busy = new Set<SessionId>();

  constructor(needs: WorkplacesNeeds) {
    this.#needs = needs;
  }

  /** See {@link planPlace}. */
  async plan(wanted: WantedPlace): Promise<Claim> {
    const { git, worktrees, isolate, log } = this.#needs;
    const sessions = () => log.states().values();
    return await planPlace({ git, worktrees, isolate, sessions }, wanted);
  }

  /** A session that has an agent no more comes back to where others may work by now. */
  checkReturn(state: SessionState): void {
    if (state.worktreeState === 'discarded') throw discarded(state);
    if (state.worktree !== null || state.shared) return;
    if (state.state !== 'ended' && state.state !== 'failed') return;
    // Who has joined it on purpose has said that both may.
    const others = othersIn(state.cwd, this.#needs.log.states().values(), state.id).filter(
      (each) => !each.shared,
    );
    if (others.length > 0) throw sharedFolder(state.cwd, others);
  }

  /** Work is being handed back or thrown away: no turn may begin meanwhile. */
  isBusy(id: SessionId): boolean {
    return this.#busy.has(id);
  }

  /** Runs `work` on the session's repository when nothing else of ours does. */
  async alone<T>(id: SessionId, origin: WorktreeOrigin, work: () => Promise<T>): Promise<T> {
    this.#busy.add(id);
    try {
      return await this.inTurn.run(await turnOf(this.#needs.git, origin.root), work);
    } finally {
      this.#busy.delete(id);
    }
  }

  /**
   * The session's folder is there afterwards, or an {@link RpcFailure} says why not. A worktree is
   * made where there is none: at first, after somebody deleted it, and after a host that was killed
   * half-way. Each step can be repeated.
   */
  async ensure(state: SessionState): Promise<void> {
    const { worktree, origin, cwd, worktreeState, id } = state;
    if (worktree === null || origin === null) return void (await checkedFolder(cwd));
    if (worktreeState === 'discarded') throw discarded(state);
    const wasMade = worktreeState !== 'planned';
    if (!wasMade || (await lstatOf(worktree)) === null)
      await this.#make(id, { worktree, origin, again: wasMade });
    // A branch may lack the subfolder that the session was started in.
    await mkdir(cwd, { recursive: true });
    await checkedFolder(cwd);
  }

  async #make(
    id: SessionId,
    { worktree, origin, again }: { worktree: string; origin: WorktreeOrigin; again: boolean },
  ): Promise<void> {
    const { git, log, worktrees, setup } = this.#needs;
    const { root } = origin;
    const request = { worktrees, path: worktree, origin, again };
    const warnings: (string | null)[] = [await makeWorktree(git, request, this.inTurn)];
    const remark = again ? null : await this.#uncommittedOf(root);
    const included = await copyIncluded(git, root, worktree);
    warnings.push(included.leftOut);
    warnings.push(...(await fillSubmodules(git, root, worktree)));
    const command = await this.#setupFor(root);
    if (command !== null) warnings.push(await runSetup(setup, command, worktree));
    log.commit((tx) => {
      if (tx.state(id) === null) return;
      tx.append(id, { type: 'worktree.made', path: worktree, copied: included.copied });
      if (remark !== null)
        tx.append(id, { type: 'notice', level: 'info', text: remark, by: BY_HOST });
      for (const text of warnings)
        if (text !== null) tx.append(id, { type: 'notice', level: 'warning', text, by: BY_HOST });
    });
  }

  async #setupFor(root: string): Promise<string | null> {
    const { git, setupOf } = this.#needs;
    const own = await setupOf(root);
    if (own !== null) return own;
    // A linked checkout has the command of the repository's first one.
    const main = (await commonDirOf(git, root)).replace(/[\\/]\.git$/, '');
    return main === root ? null : await setupOf(main);
  }

  /** A worktree begins at a commit: what is not committed is not in it, which surprises people. */
  async #uncommittedOf(root: string): Promise<string | null> {
    const { stdout, code } = await this.#needs.git.run(
      root,
      ['status', '--porcelain', '-z', '--no-renames', '-unormal'],
      { maxBytes: 64 * 1024, cut: true },
    );
    const files = code === 0 ? stdout.split('\0').filter((line) => line !== '').length : 0;
    return files === 0
      ? null
      : `${files} uncommitted ${files === 1 ? 'file' : 'files'} of ${root} ${files === 1 ? 'is' : 'are'} not in the worktree, which begins at the last commit.`;
  }
}
