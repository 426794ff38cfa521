import type { StopReason } from '@agentclientprotocol/sdk';
import type { ScriptLine } from '../script-line.ts';
import type { Turn } from '../turn.ts';

/** One thing the demo agent can be told to do. */
export interface Script {
  /** Its keys as a person would type them, for --help. */
  readonly keys: string;
  readonly does: string;
  /** What it resolves with ends the turn; nothing means `end_turn`. */
  run(turn: Turn, line: ScriptLine): Promise<StopReason | void>;
}
export type Scripts = Readonly<Record<string, Script>>;
