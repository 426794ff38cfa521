import { RpcFailure } from '../../protocol/errors.ts';
import type { Role } from '../../protocol/devices.ts';
import { MODES, raises, type Mode } from '../../protocol/mode.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { Drift } from '../agents/driver.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Settings } from '../rules/settings.ts';

/** What config.json and the administrator's policy say of modes. */
export type ModeSettings = Pick<Settings, 'modes' | 'onDrift' | 'autoNeedsSandbox'>;

/** A session may not be in that mode here. */
export class ModeRefused extends Error {
  override name = 'ModeRefused';
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

/** Enough for a turn's last few calls; the decision is followed by the change. */
const LOOKED_THROUGH = { limit: 100, newest: true, maxBytes: 4 * 1024 * 1024 } as const;

/** Throws a {@link ModeRefused} for a mode that the administrator's policy rules out. */
export function checkAllowed(mode: Mode, { modes }: Pick<ModeSettings, 'modes'>): void {
  if (modes.includes(mode)) return;
  throw new ModeRefused(
    `The mode ${mode} is not allowed on this machine: its administrator's policy allows ${modes.join(', ')}.`,
    `Choose another mode, for example with --mode ${modes.find((each) => each !== 'auto') ?? modes[0] ?? 'ask'}.`,
  );
}

/**
 * Throws an {@link RpcFailure} where `role` may not change a session's mode to `to`, or has not said
 * that the person wants it raised.
 */
export function checkRaise(
  { mode: from }: Pick<SessionState, 'mode'>,
  to: Mode,
  { role, raise }: { readonly role: Role; readonly raise: boolean },
): void {
  if (!raises(from, to)) return;
  const less = `In the mode ${to} the agent asks less than in ${from}`;
  if (role !== 'operator')
    throw new RpcFailure('notAllowed', `${less}: that takes the role operator.`);
  if (!raise)
    throw new RpcFailure('refused', `${less}: say that you want that.`, {
      kind: 'raises',
      from,
      to,
    });
}

/** Which of an agent's own changes of mode are put back. */
export class DriftPolicy {
  readonly #log: EventLog;
  readonly #settings: () => ModeSettings;

  constructor(log: EventLog, settings: () => ModeSettings) {
    this.#log = log;
    this.#settings = settings;
  }

  undoes({ sessionId, from, to }: Drift): boolean {
    const { modes, onDrift, autoNeedsSandbox } = this.#settings();
    // Whatever led there: nobody loosens what the administrator has set.
    if (to === null ? modes.length < MODES.length : !modes.includes(to)) return true;
    const sandbox = this.#log.state(sessionId)?.sandbox ?? null;
    if (to === 'auto' && autoNeedsSandbox && sandbox === null) return true;
    if (onDrift === 'show' || (to !== null && !raises(from, to))) return false;
    return !this.#wasDecided(sessionId);
  }

  /**
   * A person has just allowed the call that switches modes (Claude Code's ExitPlanMode), and no change
   * has followed yet.
   */
  #wasDecided(sessionId: SessionState['id']): boolean {
    const allowed = new Set<string>();
    for (const event of this.#log.events(sessionId, LOOKED_THROUGH).toReversed()) {
      if (event.type === 'mode.changed' || event.type === 'turn.started') return false;
      if (event.type === 'approval.decided' && event.allowed && event.rule === undefined)
        if (event.by !== BY_HOST) allowed.add(event.approvalId);
      if (event.type !== 'approval.opened' || event.approval.kind !== 'switch_mode') continue;
      if (allowed.has(event.approval.id)) return true;
    }
    return false;
  }
}
