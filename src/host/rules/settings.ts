import type { ExpiryAct } from '../../protocol/approval/approval.ts';
import type { Config } from '../../protocol/config.ts';
import { MODES, type Mode } from '../../protocol/mode.ts';
import type { PolicyState } from './policy-file.ts';

/** What holds of config.json and the administrator's policy together. */
export interface Settings {
  readonly approvals: {
    /** How long one may wait; null: for ever. */
    readonly patienceMs: number | null;
    readonly onExpiry: ExpiryAct;
  };
  /** Modes that sessions may be in; all of them where no administrator says otherwise. */
  readonly modes: readonly Mode[];
  /** An agent goes into a freer mode by itself. */
  readonly onDrift: 'show' | 'undo';
  /** No session is in the mode auto where nothing keeps its agent in its folder. */
  readonly autoNeedsSandbox: boolean;
  /** What the audit log keeps of a prompt. */
  readonly auditPrompts: 'hash' | 'text';
  /** Nobody can trust a project's own rules. */
  readonly projectsOnlyTighten: boolean;
}

const MINUTE_MS = 60_000;
/** Where an administrator's word is there and cannot be known, it is the strictest. */
const STRICTEST = {
  modes: ['ask', 'plan'] as const satisfies readonly Mode[],
  onDrift: 'undo',
  autoNeedsSandbox: true,
  auditPrompts: 'hash',
  projectRules: 'tightenOnly',
} as const;

/** Read anew on each use: both files may change under a running host. */
export class EffectiveSettings {
  readonly #config: { current(): Config };
  readonly #policy: { current(): PolicyState };

  constructor(needs: { config: { current(): Config }; policy: { current(): PolicyState } }) {
    this.#config = needs.config;
    this.#policy = needs.policy;
  }

  current(): Settings {
    return settingsOf(this.#config.current(), this.#policy.current());
  }
}

export function settingsOf(config: Config, { policy, nothingIsAllowed }: PolicyState): Settings {
  const isUnknown = policy === null && nothingIsAllowed;
  const word = isUnknown ? STRICTEST : policy;
  const approvals = { ...config.approvals, ...policy?.approvals };
  const minutes = approvals.patienceMinutes ?? 0;
  return {
    approvals: {
      patienceMs: minutes === 0 ? null : minutes * MINUTE_MS,
      onExpiry: approvals.onExpiry ?? 'stay',
    },
    modes: word?.modes ?? MODES,
    onDrift: word?.onDrift ?? config.modes?.onDrift ?? 'show',
    autoNeedsSandbox: word?.autoNeedsSandbox ?? config.modes?.autoNeedsSandbox ?? false,
    auditPrompts: word?.auditPrompts ?? config.audit?.prompts ?? 'hash',
    projectsOnlyTighten: word?.projectRules === 'tightenOnly',
  };
}
