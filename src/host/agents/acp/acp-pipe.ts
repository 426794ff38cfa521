import type { Transport } from '../../../connection/transport.ts';
import type { InstanceId } from '../../../protocol/ids.ts';
import type { InstanceStatus, KeeperNotice, SpawnSpec } from '../../../protocol/keeper.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import type { AgentPipes } from '../../keeper-link/agent-pipes.ts';
import type { AgentProfile } from '../profile.ts';
import { exitProblem } from './acp-exit.ts';

const STDERR_TAIL_CHARS = 2_000;

/**
 * An agent's process as a plain connection, for a short exchange that need not outlive the host.
 * What a session says goes through AcpProcesses.
 */
export class AcpPipe implements Transport {
  readonly bufferedBytes = 0;
  readonly #pipes: AgentPipes;
  readonly #instance: InstanceId;
  #on: Parameters<Transport['start']>[0] = { message: () => {}, close: () => {} };
  #stop: (() => void)[] = [];
  #written = 0;
  #exit: InstanceStatus | null = null;
  #stderr = '';

  constructor(pipes: AgentPipes, instance: InstanceId) {
    this.#pipes = pipes;
    this.#instance = instance;
  }

  async open(spec: Omit<SpawnSpec, 'instance'>): Promise<void> {
    await this.#pipes.spawn({ instance: this.#instance, ...spec });
    await this.#pipes.attach(this.#instance, 0);
  }

  start(on: Parameters<Transport['start']>[0]): void {
    this.#on = on;
    this.#stop = [
      this.#pipes.notices.on((notice) => this.#onNotice(notice)),
      this.#pipes.closed.on((reason) => this.#fail(reason)),
    ];
  }

  send(text: string): void {
    this.#pipes
      .write(this.#instance, (this.#written += 1), text)
      .catch((error: unknown) =>
        this.#fail(error instanceof Error ? error.message : 'not written'),
      );
  }

  close(): void {
    for (const stop of this.#stop.splice(0)) stop();
  }

  /** Why the process is gone; null while it is not. */
  exitProblem(profile: AgentProfile): Problem | null {
    return this.#exit === null ? null : exitProblem(profile, this.#exit, this.#stderr);
  }

  #onNotice(notice: KeeperNotice): void {
    const about = notice.tell === 'exited' ? notice.status.instance : notice.instance;
    if (about !== this.#instance) return;
    switch (notice.tell) {
      case 'line':
        this.#pipes.ack(this.#instance, notice.offset);
        // Some print a banner before they speak.
        if (notice.line.startsWith('{')) this.#on.message(notice.line);
        return;
      case 'oversize':
        return this.#fail('it sent a message over the limit');
      case 'stderr':
        this.#stderr = (this.#stderr + notice.text).slice(-STDERR_TAIL_CHARS);
        return;
      case 'exited':
        this.#exit = notice.status;
        return this.#fail('it exited');
      case 'caughtUp':
    }
  }

  #fail(reason: string): void {
    if (this.#stop.length === 0) return;
    this.close();
    this.#on.close(reason);
  }
}
