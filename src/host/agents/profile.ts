import type { ToolKind } from '../../protocol/approval/tool-kinds.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { CallShape } from '../policy/facts/call-shape.ts';

/** How an agent's mode is set and read back over ACP. */
export type ModeMeans =
  /** `session/set_mode`, read back from `modes.currentModeId` and current_mode_update. */
  | { readonly by: 'setMode'; readonly native: Readonly<Partial<Record<Mode, string>>> }
  /** `session/set_config_option` of the option with this id. */
  | {
      readonly by: 'option';
      readonly option: string;
      readonly native: Readonly<Partial<Record<Mode, string>>>;
    }
  /** Process-scoped configuration at launch; the process is what proves it. */
  | {
      readonly by: 'launch';
      readonly native: Readonly<Partial<Record<Mode, string>>>;
      /** The agent's own mode in which that configuration holds: the only one it may be in. */
      readonly within?: { readonly id: string; readonly value: string };
    };

/** Inside what the variable names, else below the person's home. */
export interface StatePlace {
  readonly variable?: string;
  readonly inside?: string;
  readonly home: string;
}

/** Calls that an agent makes without asking, as far as it was seen or is documented. */
export interface Unasked {
  readonly modes: readonly Mode[];
  /** Absent: of each kind. */
  readonly kinds?: readonly ToolKind[];
  /** Tools of MCP servers only. */
  readonly mcp?: true;
  /** Only of what lies in the session's folder. */
  readonly inFolder?: true;
  /** Only commands that do nothing but with the files that they name. */
  readonly simple?: true;
  /** In words, and where it was seen. */
  readonly why: string;
}

/** What differs between agents, as data: no logic, no `if (agent === …)` elsewhere. */
export interface AgentProfile {
  readonly id: string;
  readonly name: string;
  readonly modes: ModeMeans;
  /** Settings that may bring a mode of their own with them: ours is set again after each of these. */
  readonly resetsMode?: readonly string[];
  /** The agent's own way to sign in, as a person would type it. */
  readonly signIn: string | null;
  /** `session/load` restores the agent's context. */
  readonly canLoad: boolean;
  /** One process may carry several sessions of the same folder, command and environment. */
  readonly sharesProcess: boolean;
  /** How to see that one of its conversations is open in a terminal; absent: it cannot be seen. */
  readonly elsewhere?: {
    /** Names that it runs under there. */
    readonly programs: readonly string[];
    /** First arguments of runs that no person has a conversation open in: servers, and what serves others. */
    readonly besides?: readonly string[];
    /**
     * Where its processes write down which conversation they have open, `<pid>.json` each: `folder`
     * inside what the variable names, else inside `home` of the person's home.
     */
    readonly records?: {
      readonly variable: string;
      readonly home: string;
      readonly folder: string;
    };
    /** What ends it, typed into it. */
    readonly exit: string;
  };
  /** What its errors carry, beside words, that says what is wrong: see `marksOf` in acp-trouble.ts. */
  readonly troubles?: { readonly network: readonly string[]; readonly limit: readonly string[] };
  /**
   * Where an agent that ends a failed turn as if it had gone well tells that it failed: paths in
   * `_meta` of session_info_update.
   */
  readonly failedTurn?: {
    readonly status: readonly string[];
    readonly failed: string;
    readonly error: readonly string[];
  };
  /** What it keeps for itself, and must be able to write in a sandbox. */
  readonly state?: {
    readonly folders: readonly StatePlace[];
    /** Below the person's home. */
    readonly files?: readonly string[];
    /** Inside the folders: what its other runs obey or execute. It is only read. */
    readonly obeyed?: readonly string[];
  };
  /** `_meta` of session/new and session/load: what an agent must be told at the start of a session. */
  readonly sessionMeta?: Readonly<Record<string, unknown>>;
  /** How its calls say what they would do, where not in the usual way. */
  readonly calls?: CallShape;
  /** What it does not ask about: no rule of ours binds that. */
  readonly unasked?: readonly Unasked[];
}

/** All that is needed to start an agent's adapter. */
export interface Launch {
  readonly profile: AgentProfile;
  readonly command: string;
  readonly args: readonly string[];
  /** Complete: the login shell's, without anything of ours, plus the profile's and the config's. */
  readonly env: Readonly<Record<string, string>>;
  /** What keeps it in its folder, where something does. */
  readonly sandbox?: string;
}

/** Our name of an agent's mode; null when it is none of ours. */
export function oursOf(profile: AgentProfile | null, native: string): Mode | null {
  const pairs = Object.entries(profile?.modes.native ?? {}) as [Mode, string][];
  return pairs.find(([, id]) => id === native)?.[0] ?? null;
}
