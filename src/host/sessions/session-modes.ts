import type { Role } from '../../protocol/devices.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { ParsedParams, Result } from '../../protocol/methods.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { AgentDriver } from '../agents/driver.ts';
import type { AgentProfile, Launch } from '../agents/profile.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Commands } from './commands.ts';
import { checkRaise } from './mode-bounds.ts';
import { untilMode } from './waits.ts';

export interface SessionModesNeeds {
  readonly log: EventLog;
  readonly driver: AgentDriver;
  readonly commands: Commands;
  state(id: SessionState['id']): SessionState;
  /** Throws where the session may not be in that mode. */
  launch(state: SessionState, mode: ParsedParams<'session.setMode'>['mode']): Promise<Launch>;
}

/** Who asks for a mode. */
export interface ModeAsker {
  readonly surface: string;
  readonly role: Role;
}

/** Changes of a session's mode, as people ask for them. */
export class SessionModes {
  readonly #needs: SessionModesNeeds;

  constructor(needs: SessionModesNeeds) {
    this.#needs = needs;
  }

  /** Returns once the mode was read back; throws an {@link RpcFailure} in words when it is not to be. */
  async set(
    params: ParsedParams<'session.setMode'>,
    { surface: by, role }: ModeAsker,
  ): Promise<Result<'session.setMode'>> {
    const { sessionId: id, commandId, mode, raise = false, version: seen } = params;
    const { driver, commands, log } = this.#needs;
    const state = this.#needs.state(id);
    const since = state.lastSeq;
    const isChanging = () => driver.isChangingMode(id);
    if (commands.earlier(commandId) !== null)
      return await untilMode(log, { id, mode, since, isChanging });
    const check = (now: SessionState): void => {
      checkSeen(now, seen);
      checkRaise(now, mode, { role, raise });
    };
    check(state);
    if (state.mode === mode && !isChanging()) return { mode, version: state.modeVersion };
    const { profile } = await this.#needs.launch(state, mode);
    const native = profile.modes.native[mode];
    if (native === undefined)
      throw new RpcFailure(
        'refused',
        `${profile.name} has no mode "${mode}" that it can prove; it knows ${Object.keys(profile.modes.native).join(', ')}.`,
      );
    commands.once(commandId, (tx) => {
      // Another surface, or the agent itself, may have been quicker.
      check(this.#needs.state(id));
      const version = (tx.state(id)?.modeVersion ?? 0) + 1;
      if (!driver.isOpen(id, tx))
        tx.append(id, { type: 'mode.changed', mode, native, version, by });
      else if (!driver.setMode(tx, id, mode, by))
        throw new RpcFailure('refused', cannotChangeMode(profile));
      return {};
    });
    return await untilMode(log, { id, mode, since, isChanging });
  }
}

function checkSeen({ mode, modeVersion }: SessionState, seen: number | undefined): void {
  if (seen === undefined || seen === modeVersion) return;
  throw new RpcFailure(
    'refused',
    `The mode was changed meanwhile${mode === null ? '' : `: it is ${mode} now`}. Look again.`,
    { kind: 'changed', mode, version: modeVersion },
  );
}

function cannotChangeMode({ name, modes }: AgentProfile): string {
  return modes.by === 'launch'
    ? `${name} takes its mode when it starts: stop the session, set the mode and resume it.`
    : `${name} cannot change its mode now: wait until it has started.`;
}
