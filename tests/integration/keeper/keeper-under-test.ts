import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../../../src/base/log.ts';
import { KeeperLink } from '../../../src/host/keeper-link/keeper-link.ts';
import { isAnswering } from '../../../src/local/private-socket.ts';
import { homeOf, type Home } from '../../../src/local/home.ts';
import type { KeeperNotice, SpawnSpec } from '../../../src/protocol/keeper.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const agentFile = join(root, 'tests/fakes/line-agent.mjs');

/** In the place of the host: says that it runs, and does what the file `host-does` says. */
const STUB_HOST = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
const home = process.env.PORCHLIGHT_HOME;
appendFileSync(home + '/host-starts', process.pid + '\\n');
if (existsSync(home + '/host-exits')) process.exit(Number(readFileSync(home + '/host-exits', 'utf8')));
process.on('SIGTERM', () => process.exit(0));
process.on('SIGUSR2', () => process.exit(0));
setInterval(() => {}, 60_000);
`;

/** The built keeper on a home of its own, with a stub where the host would be. */
export class KeeperUnderTest {
  readonly home: Home;
  readonly dist: string;
  readonly #folder: string;
  readonly #links = new Set<KeeperLink>();
  readonly #children = new Set<ChildProcess>();

  constructor() {
    execFileSync(process.execPath, [join(root, 'build/compile.mjs'), 'keeper'], {
      cwd: root,
      stdio: 'pipe',
    });
    this.#folder = mkdtempSync(join(tmpdir(), 'keeper-'));
    this.dist = join(this.#folder, 'dist');
    mkdirSync(join(this.dist, 'keeper'), { recursive: true });
    mkdirSync(join(this.dist, 'host'));
    writeFileSync(
      join(this.#folder, 'package.json'),
      JSON.stringify({ type: 'module', version: '1.2.3' }),
    );
    copyFileSync(join(root, 'dist/keeper/main.js'), join(this.dist, 'keeper/main.js'));
    writeFileSync(join(this.dist, 'host/main.js'), STUB_HOST);
    this.home = homeOf({ PORCHLIGHT_HOME: join(this.#folder, 'home') });
  }

  get spoolFolder(): string {
    return this.home.keeperState;
  }

  /** Starts a keeper process; does not wait. */
  launch(): ChildProcess {
    const child = spawn(process.execPath, [join(this.dist, 'keeper/main.js')], {
      env: { ...process.env, PORCHLIGHT_HOME: this.home.root },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#children.add(child);
    return child;
  }

  async start(): Promise<ChildProcess> {
    const child = this.launch();
    await until(
      async () => child.exitCode !== null || (await isAnswering(this.home.keeperSocket)),
      'the keeper to listen',
    );
    return child;
  }

  async connect(): Promise<Recorder> {
    const link = await KeeperLink.connect(this.home, {
      hostPid: process.pid,
      hostVersion: '0.0.0',
      log: silentLogger,
    });
    this.#links.add(link);
    return new Recorder(link);
  }

  spec(instance: string, ...args: string[]): SpawnSpec {
    const env = { PATH: process.env.PATH ?? '' };
    return {
      instance,
      command: process.execPath,
      args: [agentFile, ...args],
      cwd: this.#folder,
      env,
    };
  }

  /** Pids of the hosts started so far. */
  hostStarts(): number[] {
    const file = join(this.home.root, 'host-starts');
    return existsSync(file) ? (readFileSync(file, 'utf8').match(/^\d+$/gm) ?? []).map(Number) : [];
  }

  signalHost(start: number, signal: NodeJS.Signals): void {
    const pid = this.hostStarts()[start];
    // 0 would be our own process group.
    if (pid === undefined) throw new Error(`There was no start number ${start} of the host`);
    process.kill(pid, signal);
  }

  /** What hosts do from now on, instead of running. */
  hostExits(code: number): void {
    mkdirSync(this.home.root, { recursive: true });
    writeFileSync(join(this.home.root, 'host-exits'), String(code));
  }

  /** Ends what was started, by pid. */
  async close(): Promise<void> {
    for (const link of this.#links) link.close();
    for (const child of this.#children) {
      child.kill('SIGTERM');
      await until(
        () => child.exitCode !== null || child.signalCode !== null,
        'the keeper to exit',
        25_000,
      );
    }
    for (const pid of this.hostStarts()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A link and everything it was told. */
export class Recorder {
  readonly link: KeeperLink;
  readonly notices: KeeperNotice[] = [];

  constructor(link: KeeperLink) {
    this.link = link;
    link.notices.on((notice) => void this.notices.push(notice));
  }

  lines(instance: string): { offset: number; line: string }[] {
    return this.notices.flatMap((notice) =>
      notice.tell === 'line' && notice.instance === instance
        ? [{ offset: notice.offset, line: notice.line }]
        : [],
    );
  }

  async line(instance: string, text: string): Promise<void> {
    await until(() => this.lines(instance).some(({ line }) => line === text), `the line ${text}`);
  }

  async told<T extends KeeperNotice['tell']>(tell: T): Promise<Extract<KeeperNotice, { tell: T }>> {
    const found = (): KeeperNotice | undefined =>
      this.notices.find((notice) => notice.tell === tell);
    await until(() => found() !== undefined, `a notice ${tell}`, 20_000);
    return found() as Extract<KeeperNotice, { tell: T }>;
  }
}

/** Looks every few milliseconds until it holds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function isAlive(pid: number): boolean {
  if (pid <= 1) throw new Error(`${pid} is not a process of ours`);
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // A zombie answers signals until its parent looks.
  return !/^\d+ \(.*\) [ZX] /s.test(
    existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '',
  );
}
