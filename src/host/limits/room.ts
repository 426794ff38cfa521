import type { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { AgentProcesses } from '../agents/driver.ts';
import type { StateChange } from '../event-log/event-log.ts';

/** Memory comes free without anybody telling. */
const LOOK_AGAIN_MS = 2_000;

export interface Limits {
  readonly agentProcesses: number;
  readonly freeMemoryMb: number;
  readonly freeDiskMb: number;
}

export interface RoomNeeds {
  readonly agents: AgentProcesses;
  readonly logger: Logger;
  readonly changed: Pick<Emitter<StateChange>, 'on'>;
  limits(): Limits;
  /** In MB; null where it cannot be told, which limits nothing. */
  freeMemoryMb(): Promise<number | null>;
  freeDiskMb(): Promise<number | null>;
  /** Ends an idle agent; false when there is none that may be ended. */
  makeRoom(): Promise<boolean>;
  /** Who waits and why, in words; null when nobody does. */
  tell(problem: string | null): void;
}

/** Gives the place back: the process counts by itself from here on, or is not wanted. */
export type Place = () => void;

interface Waiting {
  /** Sessions with equal keys are on one process. */
  readonly key: string;
  /** Who has the lower one goes first. */
  readonly ticket: number;
  isWanted(): boolean;
  onWait(why: string): void;
  wasTold: boolean;
  done(place: Place | null): void;
}

/**
 * How many agents run at once, and on how little memory. A new session that finds no room is
 * refused; a session that is there waits, first come, first served, and is told why. An agent that
 * is idle makes room.
 */
export class Room {
  readonly #needs: RoomNeeds;
  readonly #taken = new Map<symbol, string>();
  readonly #waiting: Waiting[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => {};
  #tickets = 0;
  #isServing = false;
  #isClosed = false;

  constructor(needs: RoomNeeds) {
    this.#needs = needs;
    needs.changed.on(({ state, previous }) => {
      const hasLeft = previous !== null && previous.instance !== null && state.instance === null;
      const isIdle = state.state === 'idle' && previous?.state !== 'idle';
      if (hasLeft || isIdle) this.#wake();
    });
  }

  /** For a new session. Throws an {@link RpcFailure} that says what is short and what to do. */
  async take(key: string): Promise<Place> {
    const shortOfDisk = await this.#diskShortage();
    if (shortOfDisk !== null) throw refused(shortOfDisk);
    const found = await this.#inTurn(async () => await this.#find(key, this.#waiting.length));
    if (typeof found === 'string') throw refused(found);
    return found;
  }

  /** Since when a session waits, whatever else it has to wait for before. */
  ticket(): number {
    return (this.#tickets += 1);
  }

  /** For a session that needs its agent back; null when it is no longer wanted. */
  async wait(
    key: string,
    { ticket, isWanted, onWait }: Pick<Waiting, 'ticket' | 'isWanted' | 'onWait'>,
  ): Promise<Place | null> {
    return await new Promise((done) => {
      const later = this.#waiting.findIndex((each) => each.ticket > ticket);
      const at = later === -1 ? this.#waiting.length : later;
      this.#waiting.splice(at, 0, { key, ticket, isWanted, onWait, wasTold: false, done });
      if (!this.#isServing) void this.#serve();
      else this.#wake();
    });
  }

  /** From here on nobody gets anything. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    const logged = (error: unknown): string => {
      this.#needs.logger.error({ err: error }, 'room for an agent could not be found');
      return 'The log of the host says why.';
    };
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const { key } = first;
      const found = first.isWanted()
        ? await this.#inTurn(async () => await this.#find(key, 0)).catch(logged)
        : null;
      if (typeof found !== 'string') {
        // Not shift(): one with a lower ticket may have come meanwhile.
        this.#waiting.splice(this.#waiting.indexOf(first), 1);
        first.done(found);
        continue;
      }
      this.#tellAll(found);
      await this.#untilWoken();
      if (this.#isClosed) return;
      this.#dropUnwanted();
    }
    this.#isServing = false;
    this.#needs.tell(null);
  }

  #tellAll(why: string): void {
    for (const each of this.#waiting.filter(({ wasTold }) => !wasTold)) {
      try {
        each.onWait(why);
        each.wasTold = true;
      } catch (error) {
        // A full disk: it is told when there is room for that.
        this.#needs.logger.warn({ err: error }, 'a session could not be told that it waits');
      }
    }
    const count = this.#waiting.length;
    this.#needs.tell(`${count === 1 ? 'One session waits' : `${count} sessions wait`}. ${why}`);
  }

  #dropUnwanted(): void {
    for (const each of this.#waiting.filter(({ isWanted }) => !isWanted())) {
      this.#waiting.splice(this.#waiting.indexOf(each), 1);
      each.done(null);
    }
  }

  async #untilWoken(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_AGAIN_MS);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
  }

  /** One at a time, so that no two end an agent each for the same place. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return await mine;
  }

  /** A place, or what is short. `ahead`: so many were here first. */
  async #find(key: string, ahead: number): Promise<Place | string> {
    const needsNone = this.#needs.agents.canShare(key) || [...this.#taken.values()].includes(key);
    if (needsNone) return this.#take(key);
    for (;;) {
      const shortage = await this.#shortage(ahead);
      if (shortage === null) return this.#take(key);
      if (ahead > 0 || !(await this.#needs.makeRoom())) return shortage;
    }
  }

  #take(key: string): Place {
    const place = Symbol('place');
    this.#taken.set(place, key);
    return () => void this.#taken.delete(place);
  }

  async #shortage(ahead: number): Promise<string | null> {
    const { agents, limits, freeMemoryMb } = this.#needs;
    const { agentProcesses, freeMemoryMb: least } = limits();
    const taken = [...new Set(this.#taken.values())].filter((key) => !agents.canShare(key));
    const count = agents.running().length + taken.length;
    if (count + ahead >= agentProcesses)
      return `${count} agents run already, and none of them is idle; limits.agentProcesses in config.json allows ${agentProcesses}. Stop a session, or raise the limit.`;
    const free = least === 0 ? null : await freeMemoryMb();
    return free === null || free >= least
      ? null
      : `Only ${Math.floor(free)} MB of memory are free; below ${least} MB (limits.freeMemoryMb in config.json) no agent is started. Close something, or lower the limit.`;
  }

  async #diskShortage(): Promise<string | null> {
    const least = this.#needs.limits().freeDiskMb;
    const free = least === 0 ? null : await this.#needs.freeDiskMb();
    return free === null || free >= least
      ? null
      : `Only ${Math.floor(free)} MB are free on the disk of Porchlight's home; below ${least} MB (limits.freeDiskMb in config.json) no session is started. Free some space, or lower the limit.`;
  }
}

function refused(message: string): RpcFailure {
  return new RpcFailure('refused', message, { kind: 'limit' });
}
