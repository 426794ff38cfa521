import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SYSTEMD = '/lib/systemd/systemd';
const LINE_LIMIT_MS = 60_000;

/** Waits for the manager to answer; the exit code says whether it does. */
const READY =
  'for i in $(seq 80); do systemctl --user show-environment >/dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1';
const START = `${SYSTEMD} --user --log-target=console >>"$XDG_RUNTIME_DIR/manager.log" 2>&1 & manager=$!`;
const INSIDE = `
mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd && mkdir -p /run/systemd/system || exit 1
while read -r line; do eval "$line"; done
`;

/**
 * A real `systemd --user` with a private runtime and config folder, in namespaces of its own:
 * nothing of it reaches the machine's systemd, and nothing is left when it is closed.
 */
export class UserManager {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #shell: ChildProcess;
  readonly #lines: string[] = [];
  #wake: () => void = () => {};
  #isOver = false;
  #count = 0;

  private constructor(folder: string, home: string) {
    this.folder = folder;
    for (const name of ['run', 'config', 'lines']) mkdirSync(join(folder, name), { mode: 0o700 });
    this.env = {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_RUNTIME_DIR: join(folder, 'run'),
      PORCHLIGHT_HOME: home,
    };
    this.#shell = spawn('unshare', [...namespaces(), 'bash', '-c', INSIDE], {
      env: this.env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const over = (): void => {
      this.#isOver = true;
      this.#wake();
    };
    this.#shell.once('error', over).once('exit', over);
    this.#shell.stdin?.on('error', over);
    if (this.#shell.stdout !== null)
      createInterface({ input: this.#shell.stdout }).on('line', (line) => {
        this.#lines.push(line);
        this.#wake();
      });
  }

  /** Null where the machine lets us have none: it takes namespaces and a writable cgroup tree. */
  static async start(): Promise<UserManager | null> {
    if (process.platform !== 'linux' || !existsSync(SYSTEMD)) return null;
    const folder = mkdtempSync(join(tmpdir(), 'manager-'));
    const manager = new UserManager(folder, join(folder, 'a 100% "home"'));
    try {
      await manager.boot();
      return manager;
    } catch {
      manager.close();
      return null;
    }
  }

  /** Starts the manager, as a login or a boot with linger does. */
  async boot(): Promise<void> {
    this.#shell.stdin?.write(`${START}\n`);
    if ((await this.run(READY)).code !== 0) throw new Error('the user manager does not answer');
  }

  /** Ends everything there, as a power cut does. */
  async cutPower(): Promise<void> {
    // All of the namespace but its first process, which a signal of its own cannot end.
    this.#shell.stdin?.write('kill -KILL -1; wait; rm -rf "$XDG_RUNTIME_DIR/systemd"\n');
    await this.run('true');
  }

  /** Runs a shell script inside; answers its exit code and what it printed on stdout. */
  async run(script: string): Promise<{ code: number; out: string }> {
    const mark = `done-${++this.#count}`;
    const file = join(this.folder, 'lines', mark);
    writeFileSync(file, script);
    const from = this.#lines.length;
    this.#shell.stdin?.write(`bash '${file}' </dev/null 2>/dev/null; echo "${mark} $?"\n`);
    const until = Date.now() + LINE_LIMIT_MS;
    for (;;) {
      const at = this.#lines.findIndex((line, n) => n >= from && line.startsWith(`${mark} `));
      if (at >= 0)
        return {
          code: Number(this.#lines[at]?.split(' ')[1]),
          out: this.#lines.slice(from, at).join('\n'),
        };
      if (this.#isOver || Date.now() > until) throw new Error(`no end of: ${script}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 500);
      });
    }
  }

  close(): void {
    // The namespace's first process goes with it, and the kernel ends all the others then.
    this.#shell.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function namespaces(): string[] {
  const own = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  return process.getuid?.() === 0 ? own : ['--user', '--map-root-user', ...own];
}
