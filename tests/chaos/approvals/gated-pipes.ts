import { Emitter } from '../../../src/base/emitter.ts';
import {
  KeeperRefusal,
  type AgentPipes,
  type WriteResult,
} from '../../../src/host/keeper-link/agent-pipes.ts';
import type { KeeperNotice } from '../../../src/protocol/keeper.ts';

/** Pipes on which lines and notices wait until they are let through, one by one, in their order. */
export class GatedPipes implements AgentPipes {
  readonly notices = new Emitter<KeeperNotice>();
  readonly closed: Emitter<string>;
  readonly #pipes: AgentPipes;
  readonly #writes: { readonly line: string; readonly run: () => void }[] = [];
  /** Lines that have left the host, and were not lost with it. */
  readonly #handed: Set<string>;
  readonly #told: KeeperNotice[] = [];
  holdsWrites = false;
  holdsNotices = false;
  /** As a keeper whose agent does not read: lines go again later. */
  refusesWrites = false;
  #isCut = false;

  /** Hears of each line as it leaves. */
  onHanded: (line: string) => void = () => {};

  constructor(pipes: AgentPipes, handed: Set<string>) {
    this.#pipes = pipes;
    this.#handed = handed;
    this.closed = pipes.closed;
    pipes.notices.on((notice) => {
      if (this.#isCut) return;
      if (this.holdsNotices) this.#told.push(notice);
      else this.notices.emit(notice);
    });
  }

  list: AgentPipes['list'] = async () => await this.#pipes.list();
  spawn: AgentPipes['spawn'] = async (spec) => await this.#pipes.spawn(spec);
  attach: AgentPipes['attach'] = async (instance, after) =>
    await this.#pipes.attach(instance, after);
  end: AgentPipes['end'] = async (instance) => await this.#pipes.end(instance);
  processes: AgentPipes['processes'] = async (instance) => await this.#pipes.processes(instance);
  forget: AgentPipes['forget'] = async (instance) => await this.#pipes.forget(instance);

  ack(instance: string, offset: number): void {
    if (!this.#isCut) this.#pipes.ack(instance, offset);
  }

  async write(instance: string, n: number, line: string): Promise<WriteResult> {
    if (this.refusesWrites) throw new KeeperRefusal('busy', 'does not read');
    this.#handed.add(line);
    this.onHanded(line);
    if (!this.holdsWrites) return await this.#pipes.write(instance, n, line);
    return await new Promise((resolve, reject) => {
      const run = (): void => void this.#pipes.write(instance, n, line).then(resolve, reject);
      this.#writes.push({ line, run });
    });
  }

  letWrite(): void {
    this.#writes.shift()?.run();
  }

  letNotice(): void {
    const notice = this.#told.shift();
    if (notice !== undefined) this.notices.emit(notice);
  }

  open(): void {
    this.holdsWrites = false;
    this.holdsNotices = false;
    this.refusesWrites = false;
    while (this.#writes.length > 0) this.letWrite();
    while (this.#told.length > 0) this.letNotice();
  }

  /** The host at this end is dead; so many of its lines were on their way and arrive. */
  cut(arriving: number): void {
    for (let n = 0; n < arriving; n += 1) this.letWrite();
    for (const { line } of this.#writes) this.#handed.delete(line);
    this.#writes.length = 0;
    this.#told.length = 0;
    this.#isCut = true;
  }
}
