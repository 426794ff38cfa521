import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Env } from './clean-env.ts';

/** The first executable file of that name on the PATH of `env`, or null. */
export function findOnPath(name: string, env: Env): string | null {
  const extensions = process.platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  for (const folder of pathOf(env).split(delimiter)) {
    // An empty or relative entry means "wherever we are now", which is nowhere for a host.
    if (!isAbsolute(folder)) continue;
    for (const extension of extensions) {
      const file = join(folder, name + extension);
      if (programState(file) === 'executable') return file;
    }
  }
  return null;
}

export type ProgramState = 'executable' | 'notExecutable' | 'missing';

export function programState(file: string): ProgramState {
  try {
    if (!statSync(file).isFile()) return 'notExecutable';
  } catch {
    return 'missing';
  }
  try {
    accessSync(file, constants.X_OK);
    return 'executable';
  } catch {
    return 'notExecutable';
  }
}

function pathOf(env: Env): string {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH');
  return name === undefined ? '' : (env[name] ?? '');
}
