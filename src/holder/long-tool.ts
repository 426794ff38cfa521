import { spawn } from 'node:child_process';
import { LineSplitter } from '../base/line-splitter.ts';

const MAX_LINE_BYTES = 64 * 1024;
/** A tool that does not end with its stdin is killed after this long. */
const END_LIMIT_MS = 2_000;
/** Kept of what it says on stderr, for the sentence about its end. */
const MAX_COMPLAINT_CHARS = 400;

/** A system tool that runs for as long as it is needed. */
export interface LongTool {
  readonly pid: number | null;
  /** A line for its stdin; nothing when it has ended. */
  write(line: string): void;
  /** Ends its stdin, and the tool itself where that does not. */
  end(): void;
  /** Ends the tool at once. */
  stop(): void;
}

export interface LongToolEvents {
  /** A line that it said on stdout. */
  line(text: string): void;
  /** It ended, or could not be started; once, also after `end`. */
  ended(why: string): void;
}

/** Never throws: what cannot be started has `ended`. */
export type StartLongTool = (
  command: string,
  args: readonly string[],
  events: LongToolEvents,
) => LongTool;

/**
 * Its pipes end with this process, whatever that dies of: a tool that reads its stdin, or minds that
 * nobody reads what it says, outlives nobody.
 */
export const startLongTool: StartLongTool = (command, args, events) => {
  const child = spawn(command, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    env: { ...process.env, LC_ALL: 'C' },
  });
  const splitter = new LineSplitter({ maxBytes: MAX_LINE_BYTES });
  let complaint = '';
  let over = false;
  const finish = (why: string): void => {
    if (over) return;
    over = true;
    events.ended(complaint.trim() === '' ? why : `${why}: ${complaint.trim()}`);
  };
  const tell = (lines: ReturnType<LineSplitter['push']>): void => {
    for (const line of lines) if (line.kind === 'line') events.line(line.text);
  };
  // The pipe of a tool that has gone says so a second time, in its own way.
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk: Buffer) => tell(splitter.push(chunk)));
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(0, MAX_COMPLAINT_CHARS);
  });
  child.on('error', (error) => finish(error.message));
  child.on('close', (code, signal) => {
    tell(splitter.end());
    finish(signal === null ? `${command} exited with ${code}` : `${command} ended by ${signal}`);
  });
  return {
    pid: child.pid ?? null,
    write(line) {
      if (!over && child.stdin.writable) child.stdin.write(`${line}\n`);
    },
    end() {
      child.stdin.end();
      if (over) return;
      setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS).unref();
    },
    stop() {
      child.kill('SIGTERM');
    },
  };
};
