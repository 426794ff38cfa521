import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { dist, eventually } from './support/host-under-test.ts';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Status {
  readonly pid: number;
  readonly keeperPid: number;
}

export const RUN_LIMIT_MS = 60_000;
export const cliProgram = join(dist, 'cli', 'main.js');
const demo = {
  command: process.execPath,
  args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
};

/** The built command line as a process. */
export class Program {
  readonly child: ChildProcess;
  readonly done: Promise<Ran>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv, input?: string) {
    this.child = spawn(process.execPath, [cliProgram, ...args], {
      cwd,
      env,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: RUN_LIMIT_MS,
    });
    this.child.stdin?.end(input);
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.done = new Promise((resolve) => {
      this.child.on('close', (code) => resolve({ code, stdout: this.stdout, stderr: this.stderr }));
    });
  }

  /** Numbers of the events that `watch --json` has printed. */
  numbers(): number[] {
    const whole = this.stdout.slice(0, this.stdout.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { seq: number }).seq);
  }

  has(type: string): boolean {
    return this.stdout.includes(`"type":"${type}"`);
  }
}

/** A home of its own, driven by the command line alone; `quick` is the demo agent in a hurry. */
export class CliUnderTest {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'porchlight-cli-')));
  readonly home = join(this.folder, 'home');
  readonly workspace = join(this.folder, 'workspace');
  readonly #programs = new Set<Program>();

  constructor() {
    mkdirSync(this.workspace);
    mkdirSync(this.home, { mode: 0o700 });
    this.configure({ agents: { quick: demo } });
  }

  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      INIT_CWD: '',
      PORCHLIGHT_HOME: this.home,
      XDG_STATE_HOME: join(this.folder, 'state'),
    };
  }

  /** A process that holds the machine awake is started only where the test is about that. */
  configure(config: object): void {
    const whole = { power: { keepAwake: 'off' }, ...config };
    writeFileSync(join(this.home, 'config.json'), JSON.stringify(whole));
  }

  program(...args: string[]): Program {
    const program = new Program(args, this.workspace, this.env);
    this.#programs.add(program);
    return program;
  }

  /** With `input` on its stdin. */
  async runWith(input: string, ...args: string[]): Promise<Ran> {
    const program = new Program(args, this.workspace, this.env, input);
    this.#programs.add(program);
    return await program.done;
  }

  async run(...args: string[]): Promise<Ran> {
    return await this.program(...args).done;
  }

  /** The verb's JSON; fails unless it exits 0 with nothing on stderr. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.run(...args, '--json');
    expect([args, code, stderr]).toEqual([args, 0, '']);
    return JSON.parse(stdout) as T;
  }

  async start(prompt?: string): Promise<string> {
    const words = prompt === undefined ? [] : [prompt];
    const args = ['start', '--agent', 'quick', '--share', ...words];
    const started = await this.json<{ sessionId: string }>(...args);
    return started.sessionId;
  }

  async approvalOf(sessionId: string): Promise<{ id: string; kind: string }> {
    return await eventually(async () => {
      const open = await this.json<{ id: string; kind: string }[]>(
        'approvals',
        '--session',
        sessionId,
      );
      return open[0] ?? null;
    });
  }

  async until(sessionId: string, state: string): Promise<void> {
    await eventually(async () => {
      const shown = await this.json<{ state: string }>('show', sessionId);
      return shown.state === state ? true : null;
    });
  }

  async events(sessionId: string): Promise<{ seq: number; type: string }[]> {
    const { code, stdout } = await this.run('watch', sessionId, '--no-follow', '--json');
    expect(code).toBe(0);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { seq: number; type: string });
  }

  /** Ends everything that runs in the home, and removes it. */
  async end(): Promise<void> {
    await this.run('host', 'stop', '--force');
    for (const { child } of this.#programs) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
