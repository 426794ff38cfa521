#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 } from 'uuid';
import { z } from 'zod';
import { commandIdSchema } from '../protocol/ids.ts';
import type { Terminal } from './cli.ts';
import { EXIT } from './failure.ts';
import { runCli } from './program.ts';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function onSignal(stop: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of SIGNALS) process.on(signal, stop);
  return () => {
    for (const signal of SIGNALS) process.off(signal, stop);
  };
}

const dist = dirname(dirname(fileURLToPath(import.meta.url)));
/** The program's own package.json stands beside dist/, in a checkout and when installed. */
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(dist, '..', 'package.json'), 'utf8')));
/** A full disk behind `> file` must not look like success; a reader that left is none of ours. */
function lostOutput(error: Error | null): boolean {
  if (error === null || ('code' in error && error.code === 'EPIPE')) return false;
  process.stderr.write(`porchlight: The output could not be written: ${error.message}\n`);
  return true;
}

/** Null where stdout is none, or one that can only print. */
function terminalBehind(stdout: NodeJS.WriteStream): Terminal | null {
  if (stdout.isTTY !== true || !(stdout.columns > 0) || process.env.TERM === 'dumb') return null;
  return {
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    onResize: (listener) => {
      stdout.on('resize', listener);
      return () => stdout.off('resize', listener);
    },
  };
}

async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}

let interrupted = false;
let unwritten: Error | null = null;
process.stdout.on('error', (error) => (unwritten ??= error));
// There is nobody left to tell; the exit code still says how it went.
process.stderr.on('error', () => {});

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
  columns:
    process.stdout.isTTY === true && process.stdout.columns > 0
      ? process.stdout.columns
      : undefined,
  terminal: terminalBehind(process.stdout),
  programs: { dist, execPath: process.execPath },
  version,
  nowMs: Date.now,
  random: Math.random,
  newCommandId: () => commandIdSchema.parse(v7()),
  onSignal: (stop) =>
    onSignal((signal) => {
      interrupted = true;
      stop(signal);
    }),
});

// A pipe takes what it can; the rest must be out before the end. Ctrl-C does not wait for a reader.
if (!interrupted) await Promise.all([process.stdout, process.stderr].map(flushed));
process.exit(lostOutput(unwritten) ? EXIT.failed : exitCode);
