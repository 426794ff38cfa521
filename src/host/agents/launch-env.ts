import type { Mode } from '../../protocol/mode.ts';
import type { Env } from './clean-env.ts';
import type { Launcher } from './launchers/launcher.ts';

export interface LaunchEnvParts {
  readonly login: Env;
  readonly launcher: Launcher;
  readonly mode: Mode;
  /** The person's own program of the agent, where there is one. */
  readonly own: { readonly variable: string; readonly path: string | null } | null;
  /** From config.json. */
  readonly config: Env;
  /** What the program that runs the adapter needs. */
  readonly run: Env;
}

/**
 * An agent's whole environment. The person's words win over ours, config.json's over the shell's;
 * only what imposes the mode wins over both, merged into theirs where both are JSON objects.
 */
export function environmentFor({ login, launcher, mode, own, config, run }: LaunchEnvParts): Env {
  const ours: Record<string, string> = { ...launcher.env };
  if (own !== null && own.path !== null) ours[own.variable] = own.path;
  const env: Record<string, string> = { ...ours, ...login, ...config, ...run };
  for (const [name, value] of Object.entries(launcher.modeEnv[mode] ?? {})) {
    const theirs = env[name];
    env[name] = theirs === undefined ? value : imposed(theirs, value);
  }
  return env;
}

/** `ours` over `theirs`, keeping what theirs says of other things. */
function imposed(theirs: string, ours: string): string {
  const a = objectIn(theirs);
  const b = objectIn(ours);
  return a === null || b === null ? ours : JSON.stringify(merged(a, b));
}

function merged(a: object, b: object): object {
  const all: Record<string, unknown> = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = all[name];
    all[name] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return all;
}

function objectIn(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
