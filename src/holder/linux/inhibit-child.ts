import { type ChildProcess, spawn } from 'node:child_process';
import type { Timers } from '../../connection/timers.ts';
import { Emitter } from '../../base/emitter.ts';
import { type Lock, NotHeld } from '../platform.ts';
import { Takes } from './takes.ts';

const TAKE_LIMIT_MS = 9_000;
const END_LIMIT_MS = 1_000;
const MAX_WORDS = 1_000;
/** Sent through `cat`, which runs only once the lock is held. */
const HELD = 'held\n';
/** elogind's has the same options. */
const TOOLS = ['systemd-inhibit', 'elogind-inhibit'];

export interface InhibitChildDeps {
  /** `idle`, `handle-lid-switch`, `sleep`. */
  readonly what: string;
  readonly mode: 'block' | 'delay';
  /** Whole environment of the child. */
  readonly env: NodeJS.ProcessEnv;
  readonly timers: Timers;
  /** Why the system said no, and what to do: asked once it has. `said` is what the tool wrote. */
  readonly refused: (said: string) => Promise<NotHeld>;
  /** Stand-ins of the tests. */
  readonly tools?: readonly string[];
}

/**
 * A lock of logind, held by a child `systemd-inhibit … cat`. logind gives locks as file descriptors,
 * which no D-Bus library for Node can be trusted with. The child's standard input is ours: when this
 * process dies of anything, `cat` reads its end, and the lock is gone with its process.
 */
export class InhibitChild implements Lock {
  readonly name: string;
  readonly #deps: InhibitChildDeps;
  readonly #lost = new Emitter<void>();
  #child: ChildProcess | null = null;
  readonly #takes = new Takes();

  constructor(deps: InhibitChildDeps) {
    this.#deps = deps;
    this.name = `systemd-inhibit ${deps.what} ${deps.mode}`;
  }

  /** Of the process that logind lists; null: not held. */
  get pid(): number | null {
    return this.#takes.isUnderWay ? null : (this.#child?.pid ?? null);
  }

  readonly onLost = (listener: () => void): void => {
    this.#lost.on(listener);
  };

  async take(why: string): Promise<void> {
    await this.#takes.take(
      () => this.#child !== null,
      async (isLetGo) => await this.#take(why, isLetGo),
    );
  }

  async letGo(): Promise<void> {
    this.#takes.letGo();
    const child = this.#child;
    this.#child = null;
    if (child !== null) await this.#end(child);
  }

  async #take(why: string, isLetGo: () => boolean): Promise<void> {
    for (const tool of this.#deps.tools ?? TOOLS) {
      const outcome = await this.#run(tool, why, isLetGo);
      if (outcome === 'held') return;
      if (outcome !== 'missing') throw outcome;
    }
    throw new NotHeld(
      'systemd-inhibit is not installed, so nothing of systemd can be held.',
      'Install it: it is part of the package systemd (elogind on systems without systemd).',
    );
  }

  async #run(
    tool: string,
    why: string,
    isLetGo: () => boolean,
  ): Promise<'held' | 'missing' | NotHeld> {
    const letGo = new NotHeld('The lock was let go while it was taken.');
    if (isLetGo()) return letGo;
    const { what, mode, env, timers } = this.#deps;
    const child = spawn(
      tool,
      [`--what=${what}`, `--mode=${mode}`, '--who=Porchlight', `--why=${why}`, 'cat'],
      { stdio: ['pipe', 'pipe', 'pipe'], env: { ...env, LC_ALL: 'C' } },
    );
    this.#child = child;
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (words: string) => {
      if (said.length < MAX_WORDS) said += words;
    });
    // What dies before it has read this is told of by its exit.
    child.stdin.on('error', () => {});
    const missing = new Promise<'missing'>((resolve) =>
      child.once('error', () => resolve('missing')),
    );
    const held = new Promise<'held'>((resolve) => child.stdout.once('data', () => resolve('held')));
    const gone = new Promise<'gone'>((resolve) => child.once('close', () => resolve('gone')));
    let stop = (): void => {};
    const late = new Promise<'late'>((resolve) => {
      stop = timers.after(TAKE_LIMIT_MS, () => resolve('late'));
    });
    child.stdin.write(HELD);
    const first = await Promise.race([missing, held, gone, late]);
    stop();
    if (isLetGo()) {
      await this.#end(child);
      return letGo;
    }
    if (first === 'held') {
      child.stdout.resume();
      void gone.then(() => this.#ended(child));
      return 'held';
    }
    this.#child = null;
    if (first === 'missing') return 'missing';
    await this.#end(child);
    if (first === 'late')
      return new NotHeld(`${tool} did not answer within ${TAKE_LIMIT_MS / 1_000} s.`);
    return await this.#deps.refused(said.trim());
  }

  #ended(child: ChildProcess): void {
    // Its `cat` outlives a tool that was killed, until it reads the end of ours.
    child.stdin?.destroy();
    if (this.#child !== child) return;
    this.#child = null;
    this.#lost.emit();
  }

  async #end(child: ChildProcess): Promise<void> {
    child.stdin?.destroy();
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const stop = this.#deps.timers.after(END_LIMIT_MS, () => child.kill('SIGKILL'));
    await exited;
    stop();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}
