import { execFile } from 'node:child_process';

const TOOL_LIMIT_MS = 10_000;
const MAX_OUTPUT_BYTES = 32 * 1024 * 1024;

export interface ToolOptions {
  /** Its output counts also when it exits with another code than 0. */
  readonly mayFail?: boolean;
  /** On top of our own environment and English. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of 10 s: for what asks a person. */
  readonly limitMs?: number;
}

export type RunTool = (
  command: string,
  args: readonly string[],
  options?: ToolOptions,
) => Promise<string>;

/** Output of a system tool, in English. Throws when it takes too long or, unless it may, fails. */
export const runTool: RunTool = async (
  command,
  args,
  { mayFail = false, env = {}, limitMs = TOOL_LIMIT_MS } = {},
) =>
  await new Promise((resolve, reject) => {
    execFile(
      command,
      [...args],
      {
        encoding: 'utf8',
        timeout: limitMs,
        // One that hangs may not mind being asked.
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
        env: { ...process.env, LC_ALL: 'C', ...env },
      },
      (error, stdout) =>
        error === null || (mayFail && error.killed !== true) ? resolve(stdout) : reject(error),
    );
  });
