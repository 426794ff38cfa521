import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { LineSplitter } from '../base/line-splitter.ts';
import {
  AGENT_MARK,
  AGENT_OWNER,
  type InstanceStatus,
  type SpawnSpec,
} from '../protocol/keeper.ts';
import { MAX_AGENT_LINE_BYTES } from '../protocol/limits.ts';
import { END_GRACE_MS, LEFTOVER_GRACE_MS, type Reaper } from './reaper.ts';
import type { Spool, SpooledLine } from './spool.ts';

/** A prompt is 8 MiB at most; an agent this far behind does not read. */
export const MAX_STDIN_QUEUE_BYTES = 64 * 1024 * 1024;
/** After the last process we know of: something that hid from us may hold stdout open for ever. */
const QUIET_STDOUT_MS = 1_000;

export interface AgentEvents {
  /** New lines, or the exit. */
  changed(): void;
  stderr(text: string): void;
}

type WriteOutcome = 'written' | 'duplicate' | 'gap' | 'busy' | 'exited';

/** One agent process: its lines both ways, and its end. */
export class Agent {
  readonly instance: string;
  readonly #spool: Spool;
  readonly #reaper: Reaper;
  readonly #events: AgentEvents;
  readonly #lines = new LineSplitter({ maxBytes: MAX_AGENT_LINE_BYTES });
  #child: ChildProcessWithoutNullStreams | null = null;
  #pid: number | null = null;
  #code: number | null = null;
  #signal: string | null = null;
  #spawnError: string | null = null;
  #lastWritten = 0;
  #isStdinOpen = false;
  #hasExited = false;
  #isStdoutDone = false;
  #quiet: NodeJS.Timeout | null = null;
  #ending: Promise<void> | null = null;
  #isReaped = false;
  #isFinished = false;
  #finish: () => void = () => {};
  readonly #finished = new Promise<void>((resolve) => (this.#finish = resolve));

  constructor(instance: string, deps: { spool: Spool; reaper: Reaper; events: AgentEvents }) {
    this.instance = instance;
    this.#spool = deps.spool;
    this.#reaper = deps.reaper;
    this.#events = deps.events;
  }

  get status(): InstanceStatus {
    return {
      instance: this.instance,
      pid: this.#pid,
      state: this.#isFinished ? 'exited' : 'running',
      code: this.#code,
      signal: this.#signal,
      spawnError: this.#spawnError,
      lastOffset: this.#spool.lastOffset,
      ackedOffset: this.#spool.ackedOffset,
      lastWritten: this.#lastWritten,
    };
  }

  get ackedOffset(): number {
    return this.#spool.ackedOffset;
  }

  /** Exited, its last line read. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** No process of it is left, though lines may wait. */
  get isGone(): boolean {
    return this.#isReaped || this.#isFinished;
  }

  /** Resolves when the process runs, or cannot; `status` says which. */
  async start(spec: SpawnSpec): Promise<void> {
    // Node says ENOENT for a missing command and for a missing folder alike.
    if (statSync(spec.cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
      return this.#failed('ENOTDIR');
    this.#reaper.announce(this.instance);
    let child: ChildProcessWithoutNullStreams;
    try {
      child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: { ...spec.env, [AGENT_MARK]: this.instance, [AGENT_OWNER]: this.#reaper.owner },
        detached: this.#reaper.hasGroups,
        windowsHide: true,
        stdio: 'pipe',
      });
    } catch (error) {
      return this.#failed(codeOf(error));
    }
    const failure = await new Promise<unknown>((resolve) => {
      child.once('spawn', () => resolve(null));
      child.once('error', resolve);
      // Here, not after the await: an agent may have exited by then.
      this.#adopt(child);
    });
    if (failure !== null) this.#failed(codeOf(failure));
  }

  /** Null when there is none yet, or earlier ones have to be acknowledged first. */
  lineAt(offset: number): SpooledLine | null {
    return this.#spool.at(offset);
  }

  ack(offset: number): void {
    this.#spool.ack(offset);
    if (!this.#spool.isFull && this.#child?.stdout.isPaused() === true) {
      this.#child.stdout.resume();
      this.#awaitQuiet();
    }
  }

  write(n: number, line: string): WriteOutcome {
    if (n <= this.#lastWritten) return 'duplicate';
    if (n > this.#lastWritten + 1) return 'gap';
    const stdin = this.#child?.stdin;
    if (stdin === undefined || !this.#isStdinOpen) return 'exited';
    if (stdin.writableLength + line.length > MAX_STDIN_QUEUE_BYTES) return 'busy';
    stdin.write(line + '\n');
    this.#lastWritten = n;
    return 'written';
  }

  /** Resolves when nothing of it is left. */
  async end(): Promise<void> {
    if (this.isGone || this.#child === null) return;
    this.#isStdinOpen = false;
    this.#child.stdin.end();
    await this.#reap(END_GRACE_MS);
    // The rest of its output, unless that waits for acknowledgements.
    if (!this.#spool.isFull) await Promise.race([this.#finished, pause(2 * QUIET_STDOUT_MS)]);
  }

  dispose(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#child?.stdout.destroy();
    this.#spool.dispose();
    this.#reaper.drop(this.instance);
  }

  #adopt(child: ChildProcessWithoutNullStreams): void {
    child.on('error', () => {
      // Spawning failed, which start() reports; or a signal could not be sent, which reaping sees.
    });
    if (child.pid === undefined) return;
    this.#child = child;
    this.#pid = child.pid;
    this.#isStdinOpen = true;
    this.#reaper.started(this.instance, child.pid);
    child.stdout.on('data', (chunk: Buffer) => this.#onStdout(chunk));
    child.stdout.once('close', () => {
      this.#isStdoutDone = true;
      this.#settle();
    });
    child.stdout.on('error', () => child.stdout.destroy());
    child.stdin.on('error', () => (this.#isStdinOpen = false));
    const text = new StringDecoder('utf8');
    child.stderr.on('data', (chunk: Buffer) => this.#events.stderr(text.write(chunk)));
    child.stderr.on('error', () => child.stderr.destroy());
    child.once('exit', (code, signal) => {
      this.#code = code;
      this.#signal = signal;
      this.#hasExited = true;
      this.#isStdinOpen = false;
      this.#reaper.rootExited(this.instance);
      void this.#reap(LEFTOVER_GRACE_MS);
    });
  }

  #onStdout(chunk: Buffer): void {
    for (const line of this.#lines.push(chunk)) this.#spool.append(line);
    if (this.#spool.isFull) this.#child?.stdout.pause();
    this.#awaitQuiet();
    this.#events.changed();
  }

  #reap(graceMs: number): Promise<void> {
    this.#ending ??= this.#reaper.reap(this.instance, this.#pid, graceMs).then(() => {
      this.#isReaped = true;
      this.#reaper.drop(this.instance);
      this.#awaitQuiet();
      this.#settle();
    });
    return this.#ending;
  }

  #awaitQuiet(): void {
    if (!this.#isReaped || this.#isStdoutDone) return;
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      if (this.#child?.stdout.isPaused() === false) this.#child.stdout.destroy();
    }, QUIET_STDOUT_MS);
  }

  #settle(): void {
    if (this.#isFinished || !this.#hasExited || !this.#isReaped || !this.#isStdoutDone) return;
    for (const line of this.#lines.end()) this.#spool.append(line);
    this.#setFinished();
  }

  #failed(code: string): void {
    this.#spawnError = code;
    this.#reaper.drop(this.instance);
    this.#setFinished();
  }

  #setFinished(): void {
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    this.#isFinished = true;
    this.#finish();
    this.#events.changed();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : String(error);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
