import type { Env } from './clean-env.ts';
import { findOnPath } from './find-program.ts';
import type { ProgramVersions } from './program-version.ts';

/** The oldest Node that the adapters run on (Claude's says 22, and works on 20: measured). */
const OLDEST_NODE_MAJOR = 20;

export interface NodeRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Env;
}

/** Ours, as far as it matters for running a script with it. */
export interface OwnNode {
  readonly execPath: string;
  readonly isElectron: boolean;
}

/**
 * Electron behaves as Node when this is set; the script's own children must not see it, or the
 * person's Electron programs would not start from an agent. Runs before the script.
 */
const FORGET_RUN_AS_NODE = 'data:text/javascript,delete process.env.ELECTRON_RUN_AS_NODE';

/** How to run a script: with the person's Node when it is new enough, else with ours. */
export async function nodeRun(
  script: string,
  env: Env,
  own: OwnNode,
  versions: ProgramVersions,
): Promise<NodeRun> {
  const theirs = findOnPath('node', env);
  if (theirs !== null) {
    const major = Number.parseInt((await versions.of(theirs, env)) ?? '0', 10);
    if (major >= OLDEST_NODE_MAJOR) return { command: theirs, args: [script], env: {} };
  }
  return ownNodeRun(script, own);
}

export function ownNodeRun(script: string, own: OwnNode): NodeRun {
  if (!own.isElectron) return { command: own.execPath, args: [script], env: {} };
  return {
    command: own.execPath,
    args: ['--import', FORGET_RUN_AS_NODE, script],
    env: { ELECTRON_RUN_AS_NODE: '1' },
  };
}
