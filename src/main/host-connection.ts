import type { Socket } from 'node:net';
import { backoffMs, type BackoffPolicy } from '../base/backoff.ts';
import type { Logger } from '../base/log.ts';
import { HostClient, type HostNotice } from '../connection/host-client.ts';
import { isNobodyThere } from '../local/ensure-host.ts';
import type {
  MethodName,
  NotificationParams,
  Params,
  Result,
  SurfaceNotificationName,
} from '../protocol/methods.ts';
import type { LidReport } from '../protocol/power.ts';
import type { Transport } from '../connection/transport.ts';
import { emptyDesk, type Desk, type HostLink } from './tray/tray-state.ts';

/** The keeper brings a crashed host back within a second or two; then it is gone on purpose. */
const RETRY: BackoffPolicy = { firstMs: 50, maxMs: 2_000 };
const RETRIES = 8;

const NOT_RUNNING = 'The host is not running; sessions wait until it is started.';

/** How a host is reached; the real one is `host-socket.ts`. */
export interface HostDoor {
  /** Connects, starting keeper and host when nothing answers. */
  ensure(): Promise<Socket>;
  /** Connects to a running host only. */
  connect(): Promise<Socket>;
  transport(socket: Socket): Transport;
  /** Calls back when a host may have come up; returns its undo. */
  watch(appeared: () => void): () => void;
}

export interface HostConnectionOptions {
  readonly door: HostDoor;
  readonly version: string;
  readonly log: Logger;
  readonly random: () => number;
  readonly retry?: BackoffPolicy;
  readonly changed: (change: { link?: HostLink } & Partial<Desk>) => void;
  /** A host was reached, of this version; also each time it is back. */
  readonly reached?: (version: string) => void;
  /** The lid was closed, or opened. */
  readonly lid?: (report: LidReport) => void;
  /** The desk is followed, for the first time or again. */
  readonly followed?: (desk: Desk) => void;
  /** What the host said that is no part of the desk too. */
  readonly heard?: (notice: HostNotice) => void;
}

/**
 * The tray's own surface: one connection that follows the desk and comes back by itself. A host that
 * somebody stopped is not started again behind their back; it is waited for.
 */
export class HostConnection {
  readonly #options: HostConnectionOptions;
  #client: HostClient | null = null;
  #underway: Promise<void> | null = null;
  #unwatch: (() => void) | null = null;
  /** The host said that it was stopped, keeper and all: nobody brings it back. */
  #wasStopped = false;
  #isClosed = false;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
  }

  /** Connects, starting the host when there is none. Failing is a state, not an exception. */
  start(): Promise<void> {
    if (this.#client !== null) return Promise.resolve();
    this.#underway ??= this.#connect(() => this.#options.door.ensure()).finally(() => {
      this.#underway = null;
    });
    return this.#underway;
  }

  /** A new socket to the host for somebody else, after a start that is under way. */
  async socket(): Promise<Socket> {
    await this.#underway;
    try {
      return await this.#options.door.connect();
    } catch (error) {
      throw new Error(reasonOf(error), { cause: error });
    }
  }

  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
    limitMs?: number,
  ): Promise<Result<M>> {
    if (this.#client === null)
      throw new Error('The host cannot be reached; start it and try again.');
    return await this.#client.call(method, params, limitMs);
  }

  /** Says it where the host is there to hear it. */
  tell<N extends SurfaceNotificationName>(name: N, params: NotificationParams<N>): void {
    this.#client?.tell(name, params);
  }

  close(): void {
    this.#isClosed = true;
    this.#unwatch?.();
    this.#client?.close();
  }

  async #connect(open: () => Promise<Socket>): Promise<void> {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#options.changed({ link: { kind: 'connecting' } });
    try {
      await this.#follow(await open());
    } catch (error) {
      this.#away(reasonOf(error));
    }
  }

  async #follow(socket: Socket): Promise<void> {
    const { client, hello } = await HostClient.connect(this.#options.door.transport(socket), {
      surface: 'tray',
      version: this.#options.version,
    });
    if (this.#isClosed) return client.close();
    this.#wasStopped = false;
    let isOpen = true;
    client.closed.on((reason) => {
      isOpen = false;
      this.#lost(client, reason);
    });
    let desk = emptyDesk;
    const show = (change: Partial<Desk>): void => {
      desk = { ...desk, ...change };
      this.#options.changed({ link: { kind: 'connected' }, ...desk });
    };
    // A notice in the same read as the answer below is delivered before the await returns.
    const early: HostNotice[] = [];
    let take = (notice: HostNotice): void => void early.push(notice);
    client.notices.on((notice) => take(notice));
    const followed = await client.call('desk.follow', {});
    if (!isOpen) throw new Error('The host closed the connection.');
    this.#client = client;
    desk = { ...desk, ...followed };
    take = (notice) => {
      if (notice.name === 'host.stopping') this.#wasStopped = notice.params.reason === 'stopped';
      this.#options.heard?.(notice);
      if (notice.name === 'power.lid') this.#options.lid?.(notice.params.report);
      else if (endsInstall(notice)) void this.#showAgents(client, show);
      else show(deskChange(desk, notice));
    };
    for (const notice of early) take(notice);
    show({});
    this.#options.followed?.(desk);
    this.#options.reached?.(hello.version);
    await this.#showAgents(client, show);
    await this.#showNight(client, show);
  }

  async #showNight(client: HostClient, show: (change: Partial<Desk>) => void): Promise<void> {
    try {
      show(await client.call('night.state', {}));
    } catch (error) {
      // An older host knows no nights; then there is none.
      this.#options.log.info({ error: String(error) }, 'night.state failed');
    }
  }

  async #showAgents(client: HostClient, show: (change: Partial<Desk>) => void): Promise<void> {
    try {
      show(await client.call('agents.list', {}));
    } catch (error) {
      // The menu then offers the dialog, which asks again.
      this.#options.log.warn({ error: String(error) }, 'agents.list failed');
    }
  }

  #lost(client: HostClient, reason: string): void {
    if (this.#client !== client || this.#isClosed) return;
    this.#client = null;
    this.#options.log.info({ reason }, 'connection to the host lost');
    if (this.#wasStopped) return this.#away(NOT_RUNNING);
    this.#options.changed({ link: { kind: 'returning' } });
    this.#underway = this.#comeBack().finally(() => {
      this.#underway = null;
    });
  }

  async #comeBack(): Promise<void> {
    for (let failures = 1; ; failures += 1) {
      const delay = backoffMs(failures, this.#options.retry ?? RETRY, this.#options.random());
      await new Promise((resolve) => setTimeout(resolve, delay));
      if (this.#isClosed) return;
      try {
        return await this.#follow(await this.#options.door.connect());
      } catch (error) {
        if (failures >= RETRIES) return this.#away(reasonOf(error));
      }
    }
  }

  #away(reason: string): void {
    if (this.#isClosed) return;
    this.#options.log.warn({ reason }, 'no host');
    this.#options.changed({ link: { kind: 'away', reason }, ...emptyDesk });
    this.#unwatch = this.#options.door.watch(() => {
      this.#unwatch?.();
      this.#unwatch = null;
      this.#underway ??= this.#comeBack().finally(() => {
        this.#underway = null;
      });
    });
  }
}

function reasonOf(error: unknown): string {
  if (isNobodyThere(error)) return NOT_RUNNING;
  return error instanceof Error ? error.message : String(error);
}

function endsInstall(notice: HostNotice): boolean {
  return (
    notice.name === 'agents.installing' &&
    (notice.params.step === 'done' || notice.params.step === 'failed')
  );
}

function deskChange(desk: Desk, notice: HostNotice): Partial<Desk> {
  switch (notice.name) {
    case 'desk.session': {
      const { session } = notice.params;
      return { sessions: [...desk.sessions.filter(({ id }) => id !== session.id), session] };
    }
    case 'desk.forgotten': {
      const { sessionId } = notice.params;
      return { sessions: desk.sessions.filter(({ id }) => id !== sessionId) };
    }
    case 'desk.approvals':
      return { approvals: notice.params.approvals };
    case 'desk.problems':
      return { problems: notice.params.problems };
    case 'night.changed':
      return { night: notice.params.night };
    case 'power.changed':
      return { power: notice.params.power };
    case 'attention.changed':
      return { attention: notice.params };
    case 'desk.pulses':
      return { pulses: notice.params.pulses };
    default:
      return {};
  }
}
