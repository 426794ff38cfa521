import type { Cli } from '../cli.ts';
import type { RunProgram } from './run-program.ts';

/** One line of `porchlight doctor`. */
export interface Finding {
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it; null when there is nothing to do. */
  readonly fix: string | null;
}

export interface Check {
  readonly check: string;
  /** Whether doctor fails with it; else it is advice. */
  readonly matters: boolean;
  readonly look: (world: DoctorWorld) => Promise<Finding>;
}

export interface DoctorWorld {
  readonly cli: Cli;
  readonly run: RunProgram;
  readonly platform: NodeJS.Platform;
}

export function fine(detail: string): Finding {
  return { ok: true, detail, fix: null };
}

export function bad(detail: string, fix: string): Finding {
  return { ok: false, detail, fix };
}

export function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : null;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
