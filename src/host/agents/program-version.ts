import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Env } from './clean-env.ts';

const LIMIT_MS = 3_000;
const MAX_OUTPUT_BYTES = 64 * 1024;
const VERSION = /\d+\.\d+[\w.+-]*/;
const packageSchema = z.object({ version: z.string() });

/** Asks programs for their version once; again only when the file has changed. */
export class ProgramVersions {
  readonly #known = new Map<string, Promise<string | null>>();

  /** What `<program> --version` says, or null when it says nothing within 3 s. */
  async of(program: string, env: Env): Promise<string | null> {
    const key = stamp(program);
    if (key === null) return null;
    let version = this.#known.get(key);
    if (version === undefined) {
      version = ask(program, env);
      this.#known.set(key, version);
    }
    return await version;
  }
}

/** The version in a package.json, or null. */
export function packageVersion(file: string): string | null {
  try {
    return packageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
  } catch {
    return null;
  }
}

function stamp(program: string): string | null {
  try {
    const { mtimeMs, size } = statSync(program);
    return `${program}\0${mtimeMs}\0${size}`;
  } catch {
    return null;
  }
}

async function ask(program: string, env: Env): Promise<string | null> {
  return await new Promise((resolve) => {
    const child = execFile(
      program,
      ['--version'],
      {
        env: { ...env },
        timeout: LIMIT_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
        // Node refuses to run .cmd files without a shell; the argument is ours and plain.
        shell: /\.(cmd|bat)$/i.test(program),
      },
      (error, stdout) => resolve(error === null ? (VERSION.exec(stdout)?.[0] ?? null) : null),
    );
    child.stdin?.end();
  });
}
