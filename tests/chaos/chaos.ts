import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import { startModelStub, type ModelStub } from '../fakes/model-stub.ts';
import { ensureInstalled } from '../integration/agents/scratch.ts';
import { CrashHome } from '../integration/crash-matrix/crash-home.ts';
import { dist, eventually } from '../integration/support/host-under-test.ts';
import { violations } from './books.ts';
import { ChaosSurface } from './chaos-surface.ts';
import { Gauge } from './gauge.ts';
import { Killer } from './killer.ts';
import { Place } from './place.ts';
import { planOf, realStepsOf, stepsOf, type Step } from './plan.ts';

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly sessions: number;
  /** Besides the demo agent. */
  readonly realAgents: readonly ('claude' | 'opencode')[];
  /** Every note of what was done, with its time. */
  log(line: string): void;
}

export interface ChaosResult {
  readonly violations: readonly string[];
  readonly events: number;
  readonly prompts: number;
  readonly sessions: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly gauge: Gauge;
  readonly orphans: number;
  /** Kept when something is wrong. */
  readonly folder: string;
  readonly plan: number;
}

const REPOSITORIES = 4;
const MINUTE_MS = 60_000;
const BEGIN_LIMIT_MS = 120_000;
/** Stragglers: a turn in its last command, an agent on its way back. */
const FOLLOWED_LIMIT_MS = 30_000;

/** Plays the plan of a seed against a home at work, and checks every rule at the end. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  process.env.PORCHLIGHT_AGENTS ??= join(homedir(), '.cache', 'porchlight', 'agents');
  for (const agent of options.realAgents) await ensureInstalled(agent, process.env);
  const stub = options.realAgents.length > 0 ? await startModelStub() : null;
  const home = new CrashHome((folder) => configFor(folder, options, stub));
  const startedAt = Date.now();
  const note = (line: string): void =>
    options.log(`${((Date.now() - startedAt) / 1_000).toFixed(1).padStart(7)} ${line}`);
  try {
    return await new Run(home, options, note, startedAt).all();
  } finally {
    await stub?.close();
  }
}

class Run {
  readonly #home: CrashHome;
  readonly #options: ChaosOptions;
  readonly #note: (line: string) => void;
  readonly #startedAt: number;
  readonly #wrong: string[] = [];
  readonly #surfaces: readonly [ChaosSurface, ChaosSurface, ChaosSurface];
  readonly #places: Place[];
  readonly #repositories: string[] = [];
  #isOver = false;
  #isEnded = false;

  constructor(
    home: CrashHome,
    options: ChaosOptions,
    note: (line: string) => void,
    startedAt: number,
  ) {
    this.#home = home;
    this.#options = options;
    this.#note = note;
    this.#startedAt = startedAt;
    const surface = () => new ChaosSurface(home.home);
    this.#surfaces = [surface(), surface(), surface()];
    this.#places = this.#makePlaces();
  }

  async all(): Promise<ChaosResult> {
    const { minutes, seed } = this.#options;
    await this.#home.start();
    this.#makeRepositories();
    for (const surface of this.#surfaces) surface.begin();
    const killer = new Killer({
      home: this.#home,
      surfaces: this.#surfaces,
      places: this.#places,
      note: this.#note,
    });
    const gauge = new Gauge(this.#home);
    const plan = planOf(seed, minutes * MINUTE_MS);
    const service = killer.serve(() => this.#isEnded);
    const measuring = gauge.run(() => this.#isEnded);
    const checking = this.#checkEachMinute();
    const working = this.#places.map((place) => ({ place, done: caught(place.run()) }));
    const hasBegun = async () =>
      this.#places.every(({ sessionId }) => sessionId !== null) ? true : null;
    await eventually(hasBegun, BEGIN_LIMIT_MS);
    this.#note('all have begun');
    await killer.run(plan);
    this.#isOver = true;
    this.#note('the plan is done; what is under way comes to its end');
    for (const { place, done } of working) this.#say(place.name, await done);
    for (const place of this.#places) this.#say(place.name, await this.#hello(place));
    await checking;
    const stored = await this.#stored();
    await this.#compare(stored);
    const prompts = this.#checkBooks(stored);
    this.#isEnded = true;
    await Promise.all([service, measuring]);
    for (const surface of this.#surfaces) surface.close();
    const worktrees = this.#strayWorktrees(stored);
    const orphans = await this.#home.end({ keep: true, instances: instancesIn(stored) });
    for (const orphan of orphans) this.#wrong.push(`left behind: ${orphan}`);
    this.#wrong.push(...worktrees, ...this.#strayFolders());
    for (const wrong of gauge.violations()) this.#wrong.push(wrong);
    if (this.#wrong.length === 0) this.#home.remove();
    return {
      violations: this.#wrong,
      events: [...stored.values()].reduce((sum, events) => sum + events.length, 0),
      sessions: stored.size,
      prompts,
      counts: killer.counts,
      gauge,
      orphans: orphans.length,
      folder: this.#home.folder,
      plan: plan.length,
    };
  }

  #makePlaces(): Place[] {
    const { sessions, realAgents, seed } = this.#options;
    const make = (name: string, agent: string, cwd: string, steps: Iterator<Step, never>) =>
      new Place({
        name,
        agent,
        cwd,
        steps,
        surfaces: this.#surfaces,
        isOver: () => this.#isOver,
        note: this.#note,
      });
    const demo = Array.from({ length: sessions }, (_, index) => {
      const name = `p${index + 1}`;
      const agent = index % 2 === 0 ? 'own' : 'plain';
      const steps = stepsOf(seed, name, this.#home.path(`marks-${name}`));
      return make(name, agent, this.#repository(index % REPOSITORIES), steps);
    });
    const real = realAgents.map((agent, index) =>
      make(agent, agent, this.#repository(index), realStepsOf(seed, agent)),
    );
    return [...demo, ...real];
  }

  #repository(index: number): string {
    return this.#home.path(`repository ${index + 1}`);
  }

  #makeRepositories(): void {
    for (let index = 0; index < REPOSITORIES; index += 1) {
      const folder = this.#repository(index);
      mkdirSync(folder);
      writeFileSync(join(folder, 'README.md'), 'A repository of the chaos run.\n');
      git(folder, 'init', '--quiet', '--initial-branch', 'main');
      git(folder, 'config', 'user.name', 'Chaos');
      git(folder, 'config', 'user.email', 'chaos@example.invalid');
      git(folder, 'add', '.');
      git(folder, 'commit', '--quiet', '-m', 'Begin');
      this.#repositories.push(folder);
    }
  }

  async #hello(place: Place): Promise<string | null> {
    const isReal = this.#options.realAgents.some((agent) => agent === place.name);
    const prompt = isReal ? 'SCRIPT:text say hello' : 'SCRIPT:recall say hello';
    return await caught(place.sayHello(prompt));
  }

  /** Each minute: what a surface has acknowledged since the last time is in the log, the same. */
  async #checkEachMinute(): Promise<void> {
    const checked = new Map<SessionId, number>();
    for (let minute = 1; ; minute += 1) {
      const at = this.#startedAt + minute * MINUTE_MS;
      while (!this.#isOver && Date.now() < at) await pause(200);
      if (this.#isOver) return;
      let events = 0;
      for (const id of this.#ids()) {
        const seen = this.#surfaces[0].recording.seen(id);
        const from = checked.get(id) ?? 0;
        const upTo = seen.at(-1)?.seq ?? 0;
        checked.set(id, upTo);
        events += upTo;
        const stored = await this.#read(id, from);
        for (const wrong of differ(seen, stored, from, upTo))
          this.#wrong.push(`minute ${minute}, ${id}: ${wrong}`);
      }
      this.#note(`minute ${minute}: ${events} events`);
    }
  }

  #ids(): SessionId[] {
    return this.#places.flatMap(({ asked }) => [...asked.keys()]);
  }

  async #stored(): Promise<Map<SessionId, SessionEvent[]>> {
    const stored = new Map<SessionId, SessionEvent[]>();
    for (const id of this.#ids()) stored.set(id, await this.#read(id, 0));
    return stored;
  }

  async #read(sessionId: SessionId, from: number): Promise<SessionEvent[]> {
    const all: SessionEvent[] = [];
    for (let more = true; more;) {
      const after = all.at(-1)?.seq ?? from;
      const params = { sessionId, after, limit: 2_000 };
      const page = await this.#surfaces[0].call('session.events', params);
      all.push(...page.events);
      more = page.more;
    }
    return all;
  }

  /** Every surface has all of it in the end, and all that it ever had is still there. */
  async #compare(stored: ReadonlyMap<SessionId, SessionEvent[]>): Promise<void> {
    for (const [index, { recording }] of this.#surfaces.entries()) {
      for (const [id, events] of stored) {
        const last = events.at(-1)?.seq ?? 0;
        const hasAll = async () => ((recording.seen(id).at(-1)?.seq ?? 0) >= last ? true : null);
        const isThere = await eventually(hasAll, FOLLOWED_LIMIT_MS).catch(() => false);
        if (isThere === false) this.#wrong.push(`surface ${index + 1} does not get all of ${id}`);
        for (const wrong of recording.differences(id, events))
          this.#wrong.push(`surface ${index + 1}, ${id}: ${wrong}`);
      }
      if (recording.epochs.size !== 1) this.#wrong.push(`epochs: ${recording.epochs.size}`);
    }
  }

  #checkBooks(stored: ReadonlyMap<SessionId, SessionEvent[]>): number {
    let prompts = 0;
    for (const place of this.#places) {
      const markers = countLines(this.#home.path(`marks-${place.name}`));
      for (const [id, asked] of place.asked) {
        prompts += asked.size;
        for (const wrong of violations(stored.get(id) ?? [], asked, markers))
          this.#wrong.push(`${place.name}, ${id}: ${wrong}`);
      }
    }
    return prompts;
  }

  /** Each worktree beside a repository's own belongs to a session that still has it. */
  #strayWorktrees(stored: ReadonlyMap<SessionId, SessionEvent[]>): string[] {
    const wanted = new Set(
      [...stored.values()].flatMap((events) => {
        const [created] = events;
        const isGone = events.some(({ type }) => type === 'worktree.discarded');
        if (created?.type !== 'session.created' || created.worktree === null || isGone) return [];
        return [created.worktree];
      }),
    );
    return this.#repositories.flatMap((folder) =>
      git(folder, 'worktree', 'list', '--porcelain')
        .split('\n')
        .filter((line) => line.startsWith('worktree '))
        .map((line) => line.slice('worktree '.length))
        .slice(1)
        .filter((path) => !wanted.has(path))
        .map((path) => `stray worktree: ${path}`),
    );
  }

  #strayFolders(): string[] {
    return readdirSync(tmpdir())
      .filter((name) => name.startsWith('porchlight') || name.startsWith('keeper'))
      .filter((name) => join(tmpdir(), name) !== this.#home.folder)
      .map((name) => `left in the temporary folder: ${name}`);
  }

  #say(name: string, wrong: string | null | undefined): void {
    if (typeof wrong === 'string') this.#wrong.push(`${name}: ${wrong}`);
  }
}

function configFor(folder: string, { realAgents }: ChaosOptions, stub: ModelStub | null): object {
  const args = [
    join(dist, 'demo-agent', 'main.js'),
    ...['--speed', '20', '--state', join(folder, 'conversations')],
  ];
  const demo = { command: process.execPath, args };
  const real = realAgents.map((agent) => [
    agent,
    { env: stub?.envFor(agent, join(folder, 'agents', agent)) ?? {} },
  ]);
  return {
    agents: {
      plain: demo,
      own: { ...demo, args: [...args, '--own-binary'] },
      ...Object.fromEntries(real),
    },
    sessions: { afterInterruption: 'offer' },
    limits: { agentProcesses: 100, freeMemoryMb: 0, freeDiskMb: 0 },
  };
}

/** `seen` may hold streamed text in larger pieces; everything else must be there as it was. */
function differ(
  seen: readonly SessionEvent[],
  stored: readonly SessionEvent[],
  from: number,
  upTo: number,
): string[] {
  const bySeq = new Map(stored.map((event) => [event.seq, event]));
  return seen
    .filter((event) => event.seq > from && event.seq <= upTo && event.from === undefined)
    .filter((event) => JSON.stringify(bySeq.get(event.seq)) !== JSON.stringify(event))
    .map((event) => `event ${event.seq} (${event.type}) is not what it was`);
}

function instancesIn(stored: ReadonlyMap<SessionId, SessionEvent[]>): Set<string> {
  const events = [...stored.values()].flat();
  return new Set(
    events.flatMap((event) => (event.type === 'agent.starting' ? [event.instance] : [])),
  );
}

function countLines(file: string): Map<string, number> {
  const counts = new Map<string, number>();
  if (!existsSync(file)) return counts;
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean))
    counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', timeout: 60_000 });
}

/** What went wrong with it, in words; null when nothing did. */
async function caught(work: Promise<string | null | void>): Promise<string | null> {
  try {
    return (await work) ?? null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
