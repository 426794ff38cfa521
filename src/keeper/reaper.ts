import type { Logger } from '../base/log.ts';
import type { AgentProcess } from '../protocol/keeper.ts';
import { keyText, type ProcessKey } from '../local/process-lock.ts';
import { belongingTo, type ProcessRow, type ProcessTree } from './process-tree.ts';
import type { RunningRecord } from './record.ts';

/** Adapters save their session in this time after SIGTERM (measured: up to 5 s). */
export const END_GRACE_MS = 6_000;
/** For what an agent that ended by itself, or a keeper that was killed, left behind. */
export const LEFTOVER_GRACE_MS = 2_000;
/** After SIGKILL only a process stuck in the kernel is still there. */
const GIVE_UP_MS = 4_000;
const FIRST_LOOK_MS = 25;
const SLOWEST_LOOK_MS = 250;

interface Tracked {
  rootExited: boolean;
  /** The agent's group, until a look after its end: later the number may be another's. */
  group: number | null;
  known: Map<string, ProcessKey>;
}

/** Knows the processes of each running agent, records them on disk, and ends them all. */
export class Reaper {
  readonly #tree: ProcessTree;
  readonly #record: RunningRecord;
  readonly #log: Logger;
  readonly #tracked = new Map<string, Tracked>();
  /** What outlived SIGKILL, for the next sweep. */
  readonly #left = new Map<string, readonly ProcessKey[]>();
  /** This home's, in the environment of its agents. */
  readonly owner: string;
  #host: ProcessKey | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(deps: { tree: ProcessTree; record: RunningRecord; log: Logger; owner: string }) {
    this.owner = deps.owner;
    this.#tree = deps.tree;
    this.#record = deps.record;
    this.#log = deps.log;
  }

  get hasGroups(): boolean {
    return this.#tree.hasGroups;
  }

  /** Whether there may be processes of agents that ended, or of ones that are yet to end. */
  get mayLeaveOrphans(): boolean {
    return this.#tracked.size > 0 || this.#left.size > 0;
  }

  /** Before the agent starts, so that its mark is on record from its first moment. */
  announce(instance: string): void {
    this.#tracked.set(instance, { rootExited: false, group: null, known: new Map() });
    this.#save();
  }

  started(instance: string, pid: number): void {
    const tracked = this.#tracked.get(instance);
    if (tracked === undefined) return;
    tracked.group = pid;
    void this.#look();
  }

  rootExited(instance: string): void {
    const tracked = this.#tracked.get(instance);
    if (tracked !== undefined) tracked.rootExited = true;
  }

  drop(instance: string): void {
    this.#tracked.delete(instance);
    this.#save();
  }

  /** Those that belong to it at this moment, its first process among them. */
  async processesOf(instance: string): Promise<AgentProcess[]> {
    const tracked = this.#tracked.get(instance);
    if (tracked === undefined) return [];
    const rows = await this.#belonging(instance, tracked);
    return rows.map(({ pid, startedAt, parent }) => ({ pid, startedAt, parent }));
  }

  async hostStarted(pid: number | null): Promise<void> {
    this.#host = pid === null ? null : await this.#tree.find(pid);
    this.#save();
  }

  /** Ends the agent and whatever it started. Resolves when nothing is left, or nothing more helps. */
  async reap(instance: string, leader: number | null, graceMs: number): Promise<void> {
    const tracked = this.#tracked.get(instance);
    if (tracked === undefined) return;
    if (leader !== null && !tracked.rootExited) this.#tree.askToEnd(leader);
    const since = performance.now();
    const asked = new Set<string>();
    for (let look = FIRST_LOOK_MS; ; look = Math.min(look * 2, SLOWEST_LOOK_MS)) {
      const left = await this.#belonging(instance, tracked);
      if (left.length === 0 && tracked.rootExited) return;
      const elapsed = performance.now() - since;
      if (elapsed > graceMs + GIVE_UP_MS) return this.#giveUp(instance, left);
      for (const row of left) {
        if (elapsed > graceMs) this.#tree.end(row, 'kill');
        else if (tracked.rootExited && !asked.has(keyText(row))) this.#tree.end(row, 'ask');
        if (tracked.rootExited) asked.add(keyText(row));
      }
      await pause(look);
    }
  }

  /** Ends what a killed keeper of this home left running. Call before anything is started. */
  async clearLeftovers(): Promise<void> {
    const running = this.#record.read();
    this.#record.removeSpools();
    // A damaged record names nothing; what can be found are the marks.
    if (running === null) return this.#record.isThere ? void (await this.endOrphans()) : undefined;
    if (running.boot !== this.#tree.boot) return;
    const instances = Object.entries(running.instances);
    await Promise.all([
      ...instances.map(async ([instance, keys]) => await this.#endLeftover(instance, keys)),
      ...(running.host === null ? [] : [this.#endOldHost(running.host)]),
    ]);
    if (instances.length > 0)
      this.#log.warn({ instances: instances.length }, 'ended what an earlier keeper left running');
  }

  /**
   * Ends processes that say they are an agent's of this home's keeper though no such agent runs,
   * and those that outlived an earlier try. True when there were some.
   */
  async endOrphans(): Promise<boolean> {
    const leftovers = new Map(this.#left);
    this.#left.clear();
    for (const row of await this.#tree.list())
      if (
        row.owner === this.owner &&
        row.mark !== null &&
        row.pid !== process.pid &&
        row.pid !== this.#host?.pid &&
        !this.#tracked.has(row.mark) &&
        !leftovers.has(row.mark)
      )
        leftovers.set(row.mark, []);
    if (leftovers.size === 0) return false;
    await Promise.all(
      [...leftovers].map(async ([instance, keys]) => await this.#endLeftover(instance, keys)),
    );
    this.#log.warn({ instances: [...leftovers.keys()] }, 'ended processes that no agent owns');
    return true;
  }

  async #endLeftover(instance: string, keys: readonly ProcessKey[]): Promise<void> {
    this.#tracked.set(instance, {
      rootExited: true,
      group: null,
      known: new Map(keys.map((key) => [keyText(key), key])),
    });
    await this.reap(instance, null, LEFTOVER_GRACE_MS);
    this.drop(instance);
  }

  async #endOldHost(host: ProcessKey): Promise<void> {
    const isThere = async (): Promise<boolean> =>
      (await this.#tree.find(host.pid))?.startedAt === host.startedAt;
    for (
      let waited = 0;
      (await isThere()) && waited < END_GRACE_MS + GIVE_UP_MS;
      waited += SLOWEST_LOOK_MS
    ) {
      if (waited === 0) this.#tree.end(host, 'ask');
      if (waited > END_GRACE_MS) this.#tree.end(host, 'kill');
      await pause(SLOWEST_LOOK_MS);
    }
  }

  async #belonging(instance: string, tracked: Tracked): Promise<ProcessRow[]> {
    const groupGone = tracked.rootExited;
    const rows = await this.#tree.list();
    const found = this.#sort(rows, instance, tracked);
    if (groupGone) tracked.group = null;
    return found;
  }

  #sort(rows: readonly ProcessRow[], instance: string, tracked: Tracked): ProcessRow[] {
    const spared = new Set([process.pid, ...(this.#host === null ? [] : [this.#host.pid])]);
    const found = belongingTo(
      rows,
      {
        instance,
        owner: this.owner,
        known: new Set(tracked.known.keys()),
        group: tracked.group,
      },
      spared,
    );
    tracked.known = new Map(
      found.map(({ pid, startedAt }) => [keyText({ pid, startedAt }), { pid, startedAt }]),
    );
    return found;
  }

  /** One look serves all agents. The timer runs only while there are some. */
  async #look(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#tracked.size === 0) return;
    try {
      const { appeared, pids } = await this.#tree.look();
      for (const [instance, tracked] of this.#tracked) {
        const before = [...tracked.known.values()].filter(({ pid }) => pids.has(pid));
        // No edges: a parent that was true at an earlier look may be another process's pid now.
        const rows = before.map((key): ProcessRow => ({
          ...key,
          parent: 0,
          group: 0,
          mark: null,
          owner: null,
        }));
        this.#sort([...rows, ...appeared], instance, tracked);
      }
    } catch (error) {
      this.#log.warn({ err: String(error) }, 'the list of processes could not be read');
    }
    this.#save();
    if (this.#timer === null && this.#tracked.size > 0)
      this.#timer = setTimeout(() => void this.#look(), this.#tree.lookEveryMs);
  }

  #save(): void {
    try {
      this.#record.write({
        boot: this.#tree.boot,
        host: this.#host,
        instances: {
          ...Object.fromEntries(this.#left),
          ...Object.fromEntries(
            [...this.#tracked].map(([instance, { known }]) => [instance, [...known.values()]]),
          ),
        },
      });
    } catch (error) {
      // A full disk: leftovers of a killed keeper would be found less surely, nothing else.
      this.#log.warn(
        { err: String(error) },
        'the record of running processes could not be written',
      );
    }
  }

  #giveUp(instance: string, left: readonly ProcessRow[]): void {
    this.#left.set(
      instance,
      left.map(({ pid, startedAt }) => ({ pid, startedAt })),
    );
    this.#log.error({ instance, pids: left.map((row) => row.pid) }, 'processes outlived SIGKILL');
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
