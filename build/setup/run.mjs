// Child processes with a deadline. Standard output and error are kept for the message of a failure.
import { spawn } from 'node:child_process';

const KEPT_BYTES = 64 * 1024;
const KILL_AFTER_MS = 5_000;

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limitMs: number, shell?: boolean, signal?: AbortSignal }} options
 * @returns {Promise<{ code: number | null, output: string, timedOut: boolean }>} never rejects for a
 *   failing command; a command that cannot start has code 127
 */
export function run(command, args, { cwd, env = process.env, limitMs, shell = false, signal }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let timedOut = false;
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_BYTES);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    const end = () => {
      timedOut = true;
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS).unref();
    };
    const timer = setTimeout(end, limitMs);
    signal?.addEventListener('abort', end, { once: true });
    const done = (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve({ code, output, timedOut });
    };
    child.on('error', (error) => {
      output += error.message;
      done(127);
    });
    child.on('close', (code) => done(code));
  });
}

/** The npm that started us, else the one on PATH. */
export function npmCommand() {
  const script = process.env.npm_execpath;
  if (script !== undefined && /npm-cli\.c?js$/.test(script))
    return { command: process.execPath, first: [script], shell: false };
  return process.platform === 'win32'
    ? { command: 'npm.cmd', first: [], shell: true }
    : { command: 'npm', first: [], shell: false };
}

export const lastLines = (text, count = 15) => text.trimEnd().split('\n').slice(-count).join('\n');
