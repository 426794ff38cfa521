import { Emitter } from '../../src/base/emitter.ts';
import type { Store } from '../../src/host/event-log/store.ts';
import type { AgentPipes } from '../../src/host/keeper-link/agent-pipes.ts';
import type { KeeperNotice } from '../../src/protocol/keeper.ts';

/**
 * When a host dies: after so many of its steps (commits, and calls to its keeper). From then on
 * nothing that it does is of any effect, as if it had been killed there; `onDeath` saves what is on disk.
 */
export class Fate {
  steps = 0;
  isDead = false;
  readonly #diesAfter: number;
  readonly #onDeath: () => void;

  constructor(diesAfter: number, onDeath: () => void) {
    this.#diesAfter = diesAfter;
    this.#onDeath = onDeath;
  }

  step(): void {
    if (this.isDead) return;
    this.steps += 1;
    if (this.steps < this.#diesAfter) return;
    this.isDead = true;
    this.#onDeath();
  }
}

/** The store of a host that may die after each commit. */
export function mortalStore(store: Store, fate: Fate): Store {
  return {
    epoch: store.epoch,
    audit: store.audit,
    commit: (work) => {
      const result = store.commit(work);
      fate.step();
      return result;
    },
    trimOutbox: (instance, n) => {
      store.trimOutbox(instance, n);
      fate.step();
    },
    upkeep: (budgetMs) => store.upkeep(budgetMs),
    check: async () => await store.check(),
    snapshot: async (into) => await store.snapshot(into),
    compact: async () => await store.compact(),
    sessions: () => store.sessions(),
    events: (id, range) => store.events(id, range),
    turnEvents: (id) => store.turnEvents(id),
    bytesOf: (event) => store.bytesOf(event),
    instances: () => store.instances(),
    pending: (instance) => store.pending(instance),
    outbox: (instance, afterN) => store.outbox(instance, afterN),
    command: (surface, commandId) => store.command(surface, commandId),
    trimCommands: (beforeMs, keep) => store.trimCommands(beforeMs, keep),
    meta: (key) => store.meta(key),
    close: () => store.close(),
  };
}

/** The pipes of a host that may die after each call, before it hears of the result. */
export class MortalPipes implements AgentPipes {
  readonly notices = new Emitter<KeeperNotice>();
  readonly closed: Emitter<string>;
  readonly #pipes: AgentPipes;
  readonly #fate: Fate;

  constructor(pipes: AgentPipes, fate: Fate) {
    this.#pipes = pipes;
    this.#fate = fate;
    this.closed = pipes.closed;
    pipes.notices.on((notice) => {
      if (!fate.isDead) this.notices.emit(notice);
    });
  }

  list: AgentPipes['list'] = async () => await this.#call(() => this.#pipes.list());
  spawn: AgentPipes['spawn'] = async (spec) => await this.#call(() => this.#pipes.spawn(spec));
  attach: AgentPipes['attach'] = async (instance, after) =>
    await this.#call(() => this.#pipes.attach(instance, after));
  write: AgentPipes['write'] = async (instance, n, line) =>
    await this.#call(() => this.#pipes.write(instance, n, line));
  end: AgentPipes['end'] = async (instance) => await this.#call(() => this.#pipes.end(instance));
  processes: AgentPipes['processes'] = async (instance) =>
    await this.#call(() => this.#pipes.processes(instance));
  forget: AgentPipes['forget'] = async (instance) =>
    await this.#call(() => this.#pipes.forget(instance));

  ack(instance: string, offset: number): void {
    if (this.#fate.isDead) return;
    this.#pipes.ack(instance, offset);
    this.#fate.step();
  }

  async #call<T>(call: () => Promise<T>): Promise<T> {
    if (this.#fate.isDead) return await never();
    const result = call();
    // Nobody hears of it once the host is dead.
    result.catch(() => {});
    this.#fate.step();
    return this.#fate.isDead ? await never() : await result;
  }
}

async function never(): Promise<never> {
  return await new Promise<never>(() => {});
}
