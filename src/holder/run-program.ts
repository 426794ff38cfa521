import type { Timers } from '../connection/timers.ts';
import { recorder, startHolder, type HolderProgram, type Program } from './compose.ts';
import { undo } from './undo.ts';
import { watchOver } from './watchdog.ts';

/** A clock that no person sets. */
const monotonicTimers: Timers = {
  nowMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

export interface RunOptions extends Omit<HolderProgram, 'timers' | 'random' | 'exit'> {
  /** A clock of another pace, for tests. */
  readonly timers?: Timers;
}

/**
 * `--watchdog`: waits for the end of stdin, and puts back what its holder did not.
 * `--undo`: ends this home's holder and puts back all that nobody holds; 0, or 1 and the reason.
 * Otherwise: the holder.
 */
export async function runProgram(args: readonly string[], options: RunOptions): Promise<void> {
  const { log, timers = monotonicTimers } = options;
  // The terminal it was started from closes; what it holds stays held.
  process.on('SIGHUP', () => {});
  const program: Program = { ...options, timers, random: Math.random };
  try {
    if (args.includes('--undo')) await runUndo(program);
    else if (args.includes('--watchdog')) await runWatchdog(program);
    else await runHolder({ ...options, ...program, exit: (code) => process.exit(code) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error({ err: message }, 'the holder cannot do what it was started for');
    process.stderr.write(`${message}\n`);
    process.exit(1);
  }
}

async function runUndo(program: Program): Promise<void> {
  const { code, words } = await undo(program);
  process.stdout.write(`${words}\n`);
  process.exit(code);
}

async function runWatchdog(program: Program): Promise<void> {
  // A machine that shuts down asks all at once; the holder answers, and then this ends too.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {});
  survive(program);
  await watchOver(process.stdin, { ...program, ...recorder(program) });
  process.exit(0);
}

async function runHolder(program: HolderProgram): Promise<void> {
  const { log } = program;
  survive(program);
  const holder = await startHolder(program);
  if (holder === null) {
    log.info({}, 'another holder serves this home');
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => void holder.end(signal));
}

/** What hangs on this process must not end with a bug, nor with a late error of a bus. */
function survive({ log }: Program): void {
  process.on('uncaughtException', (error) =>
    log.error({ err: error.stack ?? error.message }, 'a bug in the holder'),
  );
}
