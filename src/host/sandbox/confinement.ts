import type { Config } from '../../protocol/config.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { Home } from '../../local/home.ts';
import type { Launch } from '../agents/profile.ts';
import { ModeRefused, type ModeSettings } from '../sessions/mode-bounds.ts';
import { repositoryOf } from '../sessions/workspace.ts';
import { placesOf } from './places.ts';
import type { Probe, Sandbox } from './confiner.ts';

/** Where a session's agent works, and how. */
export interface Working {
  readonly mode: Mode;
  readonly cwd: string;
  /** The checkout that its worktree was made from. */
  readonly root: string | null;
}

export interface ConfinementNeeds {
  readonly sandbox: Sandbox;
  readonly home: Home;
  config(this: void): Pick<Config, 'sandbox'>;
  settings(this: void): Pick<ModeSettings, 'autoNeedsSandbox'>;
  /** Sandboxes are asked for and there are none; null: that is over. */
  tell(this: void, problem: string | null): void;
}

/** Which sessions are kept in their folder, and how. */
export class Confinement {
  readonly #needs: ConfinementNeeds;

  constructor(needs: ConfinementNeeds) {
    this.#needs = needs;
  }

  /** The launch as it is to be. Throws a {@link ModeRefused} where the mode takes a sandbox that is not to be had. */
  async confine(launch: Launch, { mode, cwd, root }: Working): Promise<Launch> {
    const { config, home } = this.#needs;
    const { sessions = 'none', writable = [] } = config().sandbox ?? {};
    const isNeeded = mode === 'auto' && this.#needs.settings().autoNeedsSandbox;
    const isWanted = sessions === 'all' || (sessions === 'auto' && mode === 'auto');
    if (!isNeeded && !isWanted) return launch;
    const found = await this.#needs.sandbox.probe();
    if (isWanted) this.#needs.tell(found.works ? null : notConfined(found));
    if (!found.works) {
      if (isNeeded) throw new ModeRefused(...refusalOf(found));
      return launch;
    }
    const repository = await repositoryOf(cwd);
    const commonDir = repository === cwd ? null : repository;
    const seen = await placesOf({ cwd, root, commonDir, launch, writable, home });
    return { ...launch, ...found.sandbox.wrap(launch, seen), sandbox: found.sandbox.name };
  }

  /** Throws where a session may not be changed to that mode as its agent runs now. */
  async checkChange(
    { id, mode: present, sandbox }: SessionState,
    mode: Mode,
    isOpen: boolean,
  ): Promise<void> {
    const isNeeded = mode === 'auto' && this.#needs.settings().autoNeedsSandbox;
    if (!isNeeded || present === mode || (isOpen && sandbox !== null)) return;
    const found = await this.#needs.sandbox.probe();
    if (!found.works) throw refused(...refusalOf(found));
    if (isOpen)
      throw refused(
        'The mode auto takes a sandbox here, and the agent of this session was started without one.',
        `Stop it, set the mode and resume it: porchlight stop ${id}; porchlight mode ${id} auto; porchlight resume ${id}`,
      );
  }
}

type NotWorking = Extract<Probe, { works: false }>;

function refusalOf({ why, fix }: NotWorking): [string, string] {
  return [`The mode auto takes a sandbox here, and there is none: ${why}`, fix];
}

function notConfined({ why, fix }: NotWorking): string {
  return `config.json asks for sandboxes (sandbox.sessions), and there is none: ${why} ${fix}`;
}

function refused(message: string, fix: string): RpcFailure {
  return new RpcFailure('refused', `${message} ${fix}`, { kind: 'sandbox' });
}
