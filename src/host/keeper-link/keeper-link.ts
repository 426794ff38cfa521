import type { Socket } from 'node:net';
import { DeadlineExceeded } from '../../base/deadline.ts';
import { Emitter } from '../../base/emitter.ts';
import { LineSplitter } from '../../base/line-splitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Home } from '../../local/home.ts';
import { connectSocket } from '../../local/socket-transport.ts';
import {
  KEEPER_PROTOCOL,
  MAX_KEEPER_FRAME_BYTES,
  REFUSALS,
  type AgentProcess,
  type InstanceStatus,
  type KeeperNotice,
  type KeeperRequest,
  type SpawnSpec,
} from '../../protocol/keeper.ts';
import { KeeperRefusal, type AgentPipes, type WriteResult } from './agent-pipes.ts';
import { answers, parseIncoming, type Incoming } from './keeper-frames.ts';

const CONNECT_LIMIT_MS = 2_000;
const REQUEST_LIMIT_MS = 10_000;
/** The keeper's own bound is 6 s of grace and 4 s of killing. */
const END_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 20_000;

export interface HostIdentity {
  readonly hostPid: number;
  readonly hostVersion: string;
  readonly log: Logger;
}

interface Waiting {
  readonly what: string;
  readonly timer: NodeJS.Timeout;
  resolve(ok: unknown): void;
  reject(error: Error): void;
}

/**
 * The host's one connection to its keeper. It does not reconnect: the keeper ends its agents when
 * it goes, so after `closed` the host has nothing to resume and exits, to be started anew.
 */
export class KeeperLink implements AgentPipes {
  readonly notices = new Emitter<KeeperNotice>();
  readonly closed = new Emitter<string>();
  readonly #socket: Socket;
  readonly #log: Logger;
  readonly #waiting = new Map<number, Waiting>();
  readonly #acks = new Map<string, number>();
  #nextId = 1;
  #closedBecause: string | null = null;
  #keeperPid = 0;
  #keeperVersion = '';

  private constructor(socket: Socket, log: Logger) {
    this.#socket = socket;
    this.#log = log;
    const lines = new LineSplitter({ maxBytes: MAX_KEEPER_FRAME_BYTES });
    socket.on('data', (chunk) => {
      for (const line of lines.push(chunk)) {
        if (line.kind === 'oversize')
          return this.#close(`a frame of ${line.bytes} bytes is over the limit`);
        this.#onFrame(parseIncoming(line.text));
      }
    });
    socket.on('error', (error) => this.#close(error.message));
    socket.on('close', () => this.#close('the keeper closed the connection'));
  }

  /**
   * Connects and says hello; an older connection of another host is replaced by this one. Throws
   * when no keeper answers, or when it speaks another protocol.
   */
  static async connect(home: Pick<Home, 'keeperSocket'>, host: HostIdentity): Promise<KeeperLink> {
    let socket: Socket;
    try {
      socket = await connectSocket(home.keeperSocket, CONNECT_LIMIT_MS);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Cannot reach the keeper at ${home.keeperSocket}: ${why}. Start it with "porchlight host start".`,
        { cause: error },
      );
    }
    const link = new KeeperLink(socket, host.log);
    try {
      const { hostPid, hostVersion } = host;
      const hello = answers.hello.parse(
        await link.#request({ do: 'hello', protocol: KEEPER_PROTOCOL, hostPid, hostVersion }),
      );
      link.#keeperPid = hello.pid;
      link.#keeperVersion = hello.version;
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  get keeperPid(): number {
    return this.#keeperPid;
  }

  get keeperVersion(): string {
    return this.#keeperVersion;
  }

  async list(): Promise<readonly InstanceStatus[]> {
    return answers.list.parse(await this.#request({ do: 'list' })).instances;
  }

  /** How many agents run. */
  async running(): Promise<number> {
    return (await this.list()).filter(({ state }) => state === 'running').length;
  }

  async spawn(spec: SpawnSpec): Promise<InstanceStatus> {
    const { instance, command, args, cwd, env } = spec;
    return answers.status.parse(
      await this.#request({ do: 'spawn', instance, command, args, cwd, env }),
    ).status;
  }

  async attach(instance: string, after: number): Promise<InstanceStatus> {
    return answers.status.parse(await this.#request({ do: 'attach', instance, after })).status;
  }

  async write(instance: string, n: number, line: string): Promise<WriteResult> {
    const { lastWritten, duplicate } = answers.write.parse(
      await this.#request({ do: 'write', instance, n, line }),
    );
    return { lastWritten, duplicate };
  }

  /** Sent once per turn of the event loop and instance, however often it is called. */
  ack(instance: string, offset: number): void {
    if (this.#acks.size === 0) queueMicrotask(() => this.#flushAcks());
    this.#acks.set(instance, Math.max(offset, this.#acks.get(instance) ?? 0));
  }

  async end(instance: string): Promise<void> {
    answers.done.parse(await this.#request({ do: 'end', instance }, END_LIMIT_MS));
  }

  async processes(instance: string): Promise<readonly AgentProcess[]> {
    return answers.processes.parse(await this.#request({ do: 'processes', instance })).processes;
  }

  async forget(instance: string): Promise<void> {
    answers.done.parse(await this.#request({ do: 'forget', instance }));
  }

  /** Ends all agents, then the keeper, which ends this host. */
  async stop(): Promise<void> {
    answers.done.parse(await this.#request({ do: 'stop' }, STOP_LIMIT_MS));
  }

  /** Leaves; the keeper keeps everything. */
  close(): void {
    this.#close('this host closed it');
  }

  #flushAcks(): void {
    for (const [instance, offset] of this.#acks)
      this.#send(this.#nextId++, { do: 'ack', instance, offset });
    this.#acks.clear();
  }

  #send(id: number, request: KeeperRequest): void {
    if (this.#closedBecause === null) this.#socket.write(JSON.stringify({ id, ...request }) + '\n');
  }

  async #request(request: KeeperRequest, limitMs = REQUEST_LIMIT_MS): Promise<unknown> {
    const what = `The keeper's ${request.do}`;
    if (this.#closedBecause !== null)
      throw new Error(`${what}: the connection is closed (${this.#closedBecause})`);
    const id = this.#nextId++;
    return await new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new DeadlineExceeded(what, limitMs));
      }, limitMs);
      this.#waiting.set(id, { what, timer, resolve, reject });
      this.#send(id, request);
    });
  }

  #onFrame(frame: Incoming): void {
    if (this.#closedBecause !== null) return;
    switch (frame.kind) {
      case 'notice':
        return this.notices.emit(frame.notice);
      case 'unknown':
        return this.#log.warn({}, 'the keeper sent a frame this host does not know');
      case 'ok':
        return this.#take(frame.id)?.resolve(frame.ok);
      case 'error': {
        const waiting = this.#take(frame.id);
        if (waiting !== undefined)
          return waiting.reject(new KeeperRefusal(frame.code, frame.message));
        // An ack nobody waits for: late, about an instance that was forgotten meanwhile.
        if (frame.code !== REFUSALS.unknownInstance)
          this.#log.warn({ code: frame.code }, 'the keeper refused an ack');
      }
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  #close(reason: string): void {
    if (this.#closedBecause !== null) return;
    this.#closedBecause = reason;
    this.#socket.destroy();
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new Error(`${waiting.what}: the connection closed (${reason})`));
    }
    this.#waiting.clear();
    this.closed.emit(reason);
  }
}
