import type { AgentEntry } from '../../protocol/agent.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { Problem } from '../../protocol/session/events.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import { AgentUnavailable } from '../agents/agent-unavailable.ts';
import type { Launch } from '../agents/profile.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Confinement, Working } from '../sandbox/confinement.ts';
import { InsideHome } from '../sandbox/places.ts';
import { checkAllowed, ModeRefused, type ModeSettings } from './mode-bounds.ts';
import type { AgentSource } from './session-agents.ts';

const LAST_AGENT = 'lastAgent';
const DEMO = 'demo';

export interface Catalogue {
  list(): Promise<AgentEntry[]>;
  launch(agent: string, mode: Mode): Promise<Launch>;
  defaultMode(agent: string): Mode;
}

/** Which agent a session gets when none is named, and in which mode. */
export class AgentChoice implements AgentSource {
  readonly #catalogue: Catalogue;
  readonly #store: Store;
  readonly #modes: () => Pick<ModeSettings, 'modes'>;
  readonly #confinement: Pick<Confinement, 'confine' | 'checkChange'>;

  constructor(needs: {
    readonly catalogue: Catalogue;
    readonly store: Store;
    readonly confinement: Pick<Confinement, 'confine' | 'checkChange'>;
    modes(this: void): Pick<ModeSettings, 'modes'>;
  }) {
    this.#catalogue = needs.catalogue;
    this.#store = needs.store;
    this.#modes = needs.modes;
    this.#confinement = needs.confinement;
  }

  async launch(agent: string, mode: Mode): Promise<Launch> {
    checkAllowed(mode, this.#modes());
    return await this.#catalogue.launch(agent, mode);
  }

  async confine(launch: Launch, working: Working): Promise<Launch> {
    return await this.#confinement.confine(launch, working);
  }

  async checkChange(state: SessionState, mode: Mode, isOpen: boolean): Promise<void> {
    await this.#confinement.checkChange(state, mode, isOpen);
  }

  /** The last used; else the only one found. The demo agent counts only where there is no other. */
  async preferred(): Promise<string> {
    const found = (await this.#catalogue.list()).filter((entry) => entry.found);
    const last = this.#store.meta(LAST_AGENT);
    if (last !== null && found.some((entry) => entry.id === last)) return last;
    const real = found.filter((entry) => entry.id !== DEMO);
    const [first] = real.length > 0 ? real : found;
    if (first !== undefined && real.length <= 1) return first.id;
    if (first === undefined)
      throw new RpcFailure(
        'refused',
        'No agent was found: install one, for example with "porchlight agents install claude".',
        { kind: 'ambiguousAgent' },
      );
    throw new RpcFailure(
      'refused',
      `Which agent? Found: ${real.map((entry) => entry.id).join(', ')}. Name one with --agent.`,
      { kind: 'ambiguousAgent' },
    );
  }

  remember(tx: LogWriter, agent: string): void {
    if (this.#store.meta(LAST_AGENT) !== agent) tx.putMeta(LAST_AGENT, agent);
  }

  defaultMode(agent: string): Mode {
    return this.#catalogue.defaultMode(agent);
  }

  problemOf(error: unknown): Problem {
    if (error instanceof AgentUnavailable)
      return { kind: 'missing', message: error.message, fix: error.fix };
    if (error instanceof ModeRefused)
      return { kind: 'mode', message: error.message, fix: error.fix };
    if (error instanceof InsideHome) return { kind: 'folder', message: error.message };
    return { kind: 'other', message: error instanceof Error ? error.message : String(error) };
  }
}
