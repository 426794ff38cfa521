import { CommanderError } from 'commander';
import { DeadlineExceeded } from '../base/deadline.ts';
import { RpcFailure } from '../protocol/errors.ts';

/** 0 done, 1 refused or failed, 2 wrong usage, 3 host not running. */
export const EXIT = { done: 0, failed: 1, usage: 2, notRunning: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a verb: a message for stderr (what, which, what to do) and the exit code. */
export class CliFailure extends Error {
  override name = 'CliFailure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function wrongUsage(message: string): CliFailure {
  return new CliFailure(message, EXIT.usage);
}

export function hostNotRunning(): CliFailure {
  return new CliFailure(
    'The host is not running. Start it with: porchlight host start',
    EXIT.notRunning,
  );
}

/** A part of the contract that is not there yet. */
export function notBuilt(what: string, part: string): CliFailure {
  return new CliFailure(`${what}: ${part} is not part of this version yet.`);
}

/** What to say on stderr about anything thrown, and the exit code. Empty text: all is said already. */
export function explain(error: unknown): { text: string; exitCode: ExitCode } {
  if (error instanceof CliFailure) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof CommanderError)
    return { text: '', exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage };
  if (error instanceof RpcFailure) return explainRefusal(error);
  if (error instanceof DeadlineExceeded)
    return {
      text: `The host did not answer: ${error.message}. See: porchlight logs`,
      exitCode: EXIT.failed,
    };
  return { text: error instanceof Error ? error.message : String(error), exitCode: EXIT.failed };
}

function explainRefusal(failure: RpcFailure): { text: string; exitCode: ExitCode } {
  if (failure.is('wrongVersion'))
    return {
      text: `${failure.message} Bring both to the same version: porchlight host stop --force`,
      exitCode: EXIT.failed,
    };
  if (failure.is('notSignedIn')) {
    const command = textField(failure.data, 'command');
    const known = command === null || failure.message.includes(command);
    return {
      text: known ? failure.message : `${failure.message} Sign in with: ${command}`,
      exitCode: EXIT.failed,
    };
  }
  // Which agent was meant is for whoever typed the command to say.
  const usage = textField(failure.data, 'kind') === 'ambiguousAgent';
  return { text: failure.message, exitCode: usage ? EXIT.usage : EXIT.failed };
}

export function textField(data: unknown, key: string): string | null {
  if (typeof data !== 'object' || data === null || !(key in data)) return null;
  const value: unknown = Reflect.get(data, key);
  return typeof value === 'string' ? value : null;
}
