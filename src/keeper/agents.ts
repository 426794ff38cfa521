import type { Logger } from '../base/log.ts';
import type { InstanceStatus, KeeperAnswer, KeeperRequest } from '../protocol/keeper.ts';
import { Agent, MAX_STDIN_QUEUE_BYTES } from './agent.ts';
import { Refused, type HostConnection } from './host-connection.ts';
import type { OrphanSweep } from './orphan-sweep.ts';
import type { Reaper } from './reaper.ts';
import type { RunningRecord } from './record.ts';
import type { SpoolDamage } from './spool-file.ts';
import { Spool, type SpoolLimits } from './spool.ts';
import { StderrForward } from './stderr-forward.ts';

const MiB = 1024 * 1024;
/** Memory is also the window of lines sent and not acknowledged. */
export const SPOOL_LIMITS: SpoolLimits = { memoryBytes: 4 * MiB, fileBytes: 256 * MiB };
/** Running, and exited ones the host has not forgotten. */
const MAX_INSTANCES = 256;

export type AgentRequest = Exclude<KeeperRequest, { do: 'hello' | 'stop' }>;

interface Held {
  readonly agent: Agent;
  readonly stderr: StderrForward;
  readonly started: Promise<void>;
}

/** All agents of this keeper, and the one connection that may ask for them. */
export class Agents {
  readonly #reaper: Reaper;
  readonly #sweep: OrphanSweep;
  readonly #record: RunningRecord;
  readonly #log: Logger;
  readonly #held = new Map<string, Held>();
  #connection: HostConnection | null = null;
  #spools = 0;
  #isStopping = false;

  constructor(deps: { reaper: Reaper; sweep: OrphanSweep; record: RunningRecord; log: Logger }) {
    this.#reaper = deps.reaper;
    this.#sweep = deps.sweep;
    this.#record = deps.record;
    this.#log = deps.log;
  }

  get areRunning(): boolean {
    return [...this.#held.values()].some(({ agent }) => !agent.isFinished);
  }

  /** Attached agents' lines go there from now on; null when the host is gone. */
  set connection(connection: HostConnection | null) {
    this.#connection = connection;
  }

  async request(request: AgentRequest): Promise<KeeperAnswer> {
    switch (request.do) {
      case 'list':
        return { do: 'list', instances: [...this.#held.values()].map(({ agent }) => agent.status) };
      case 'spawn':
        return { do: 'spawn', status: await this.#spawn(request) };
      case 'attach':
        return { do: 'attach', status: this.#attach(request.instance, request.after) };
      case 'write':
        return this.#write(request.instance, request.n, request.line);
      case 'ack':
        this.#get(request.instance).agent.ack(request.offset);
        return { do: 'ack' };
      case 'end':
        await this.#get(request.instance).agent.end();
        return { do: 'end' };
      case 'processes': {
        this.#get(request.instance);
        const processes = await this.#reaper.processesOf(request.instance);
        return { do: 'processes', processes };
      }
      case 'forget':
        this.#forget(request.instance);
        return { do: 'forget' };
    }
  }

  /** Ends all, and starts none any more. */
  async endAll(): Promise<void> {
    this.#isStopping = true;
    this.#sweep.stop();
    await Promise.all([...this.#held.values()].map(async ({ agent }) => await agent.end()));
  }

  dispose(): void {
    for (const { agent } of this.#held.values()) agent.dispose();
    this.#held.clear();
  }

  async #spawn(request: Extract<AgentRequest, { do: 'spawn' }>): Promise<InstanceStatus> {
    const { instance } = request;
    const known = this.#held.get(instance);
    if (known !== undefined) {
      await known.started;
      return known.agent.status;
    }
    if (this.#isStopping)
      throw new Refused('stopping', 'The keeper is stopping: it starts no agent');
    if (this.#held.size >= MAX_INSTANCES)
      throw new Refused(
        'tooMany',
        `The keeper holds ${MAX_INSTANCES} agents: end and forget some first`,
      );
    this.#spools += 1;
    const agent: Agent = new Agent(instance, {
      spool: new Spool(this.#record.spoolPath(this.#spools), SPOOL_LIMITS, (damage) =>
        this.#onDamage(instance, damage),
      ),
      reaper: this.#reaper,
      events: { changed: () => this.#connection?.pump(agent), stderr: (text) => stderr.push(text) },
    });
    const stderr = new StderrForward(
      (text) => this.#tellStderr(agent, text),
      () => performance.now(),
    );
    this.#sweep.arm();
    const started = agent.start(request);
    this.#held.set(instance, { agent, stderr, started });
    await started;
    const { pid, spawnError } = agent.status;
    this.#log.info({ instance, pid, spawnError }, 'agent spawned');
    return agent.status;
  }

  #onDamage(instance: string, { bytes, ...damage }: SpoolDamage): void {
    let keptAt: string | null = null;
    try {
      keptAt = this.#record.keepAside(bytes, new Date());
    } catch {
      // The disk that lost it may take nothing either.
    }
    this.#log.error({ instance, ...damage, keptAt }, 'a spool file is damaged: lines are lost');
  }

  #attach(instance: string, after: number): InstanceStatus {
    const { agent, stderr } = this.#get(instance);
    this.#connection?.attach(agent, after);
    stderr.flush();
    return agent.status;
  }

  #write(instance: string, n: number, line: string): KeeperAnswer {
    const { agent } = this.#get(instance);
    const outcome = agent.write(n, line);
    const { lastWritten } = agent.status;
    switch (outcome) {
      case 'written':
      case 'duplicate':
        return { do: 'write', lastWritten, duplicate: outcome === 'duplicate' };
      case 'gap':
        throw new Refused(
          'gap',
          `Line ${n} for ${instance} cannot follow line ${lastWritten}: send ${lastWritten + 1}`,
        );
      case 'busy':
        throw new Refused(
          'busy',
          `${instance} does not read: over ${MAX_STDIN_QUEUE_BYTES / MiB} MiB wait. Try line ${n} again later`,
        );
      case 'exited':
        throw new Refused(
          'exited',
          `${instance} takes no more lines: it has exited or closed its stdin`,
        );
    }
  }

  #forget(instance: string): void {
    const { agent } = this.#get(instance);
    if (!agent.isGone)
      throw new Refused('running', `${instance} runs: end it before it is forgotten`);
    this.#connection?.detach(instance);
    agent.dispose();
    this.#held.delete(instance);
  }

  #tellStderr(agent: Agent, text: string): boolean {
    if (
      this.#connection === null ||
      this.#connection.isBehind ||
      !this.#connection.isAttached(agent)
    )
      return false;
    this.#connection.tell({ tell: 'stderr', instance: agent.instance, text });
    return true;
  }

  #get(instance: string): Held {
    const held = this.#held.get(instance);
    if (held === undefined) throw new Refused('unknownInstance', `The keeper holds no ${instance}`);
    return held;
  }
}
