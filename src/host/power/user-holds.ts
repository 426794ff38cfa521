import { z } from 'zod';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { CommandId } from '../../protocol/ids.ts';
import type { Audit } from '../audit/trail.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Commands } from '../sessions/commands.ts';

/** A person has no more reasons than this; each is shown on every surface. */
const MAX_USER_HOLDS = 50;
const KEY = 'power';
const DEFAULT_REASON = 'Held by hand';

const userHoldSchema = z.object({
  id: z.string().max(80),
  reason: z.string(),
  by: z.string(),
  since: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
  lid: z.boolean(),
});
export type UserHold = z.infer<typeof userHoldSchema>;

const keptSchema = z.object({
  /** Of the history they were asked for in. */
  epoch: z.string(),
  holds: z.array(userHoldSchema).max(MAX_USER_HOLDS),
  /** When a person asked for sleep once all is done; null: nobody did. */
  sleepWhenDone: z.iso.datetime().nullable(),
});
type Kept = z.infer<typeof keptSchema>;

export interface UserHoldsNeeds {
  readonly store: Pick<Store, 'meta' | 'epoch'>;
  readonly commands: Pick<Commands, 'once'>;
  readonly audit: Audit;
  readonly logger: Logger;
  commit(work: (tx: LogWriter) => void): void;
  newId(): string;
  now(): Date;
  /** When this machine was started. */
  bootedMs(): number;
}

export interface WantedHold {
  readonly forSec?: number | undefined;
  readonly lid: boolean;
  readonly reason?: string | undefined;
}

/** What a person has asked for: holds of their own, and sleep once all is done. On disk. */
export class UserHolds {
  /** After it is durable. */
  readonly changed = new Emitter<void>();
  readonly #needs: UserHoldsNeeds;
  #kept: Kept;

  constructor(needs: UserHoldsNeeds) {
    this.#needs = needs;
    const { epoch } = needs.store;
    const found = read(needs.store.meta(KEY), needs.logger);
    // A copy that was restored would hold for reasons of the day it was made.
    const kept = found?.epoch === epoch ? found : { epoch, holds: [], sleepWhenDone: null };
    // Who asked for it meant the work of then, not whatever a morning later begins with.
    const isOld = Date.parse(kept.sleepWhenDone ?? '') < needs.bootedMs();
    this.#kept = isOld ? { ...kept, sleepWhenDone: null } : kept;
  }

  all(): readonly UserHold[] {
    return this.#kept.holds;
  }

  get sleepWhenDone(): boolean {
    return this.#kept.sleepWhenDone !== null;
  }

  add(commandId: CommandId, wanted: WantedHold, by: string): { hold: UserHold } {
    const { commands, now, newId } = this.#needs;
    return commands.once(commandId, (tx) => {
      const { holds } = this.#kept;
      if (holds.length >= MAX_USER_HOLDS)
        throw new RpcFailure(
          'refused',
          `There are ${MAX_USER_HOLDS} holds already: release one with "porchlight power release".`,
        );
      const { forSec, lid, reason = DEFAULT_REASON } = wanted;
      const since = now();
      const until =
        forSec === undefined ? null : new Date(since.getTime() + forSec * 1_000).toISOString();
      const hold = { id: newId(), reason, by, since: since.toISOString(), until, lid };
      const { id } = hold;
      this.#put(tx, { ...this.#kept, holds: [...holds, hold] });
      this.#tell(tx, by, { held: { id, until, lid, reason } });
      return { hold };
    });
  }

  /** One of them, or all: gives how many. */
  release(commandId: CommandId, id: string | undefined, by: string): { released: number } {
    return this.#needs.commands.once(commandId, (tx) => {
      const { holds } = this.#kept;
      const gone = holds.filter((hold) => id === undefined || hold.id === id);
      if (gone.length === 0) return { released: 0 };
      this.#put(tx, { ...this.#kept, holds: holds.filter((hold) => !gone.includes(hold)) });
      this.#tell(tx, by, { released: gone.map((hold) => hold.id) });
      return { released: gone.length };
    });
  }

  setSleepWhenDone(commandId: CommandId, on: boolean, by: string): Record<string, never> {
    return this.#needs.commands.once(commandId, (tx) => {
      if (on || this.sleepWhenDone) this.#tell(tx, by, { sleepWhenDone: on });
      this.#put(tx, { ...this.#kept, sleepWhenDone: on ? this.#needs.now().toISOString() : null });
      return {};
    });
  }

  /** It was for one time. */
  slept(): void {
    if (this.sleepWhenDone)
      this.#needs.commit((tx) => this.#put(tx, { ...this.#kept, sleepWhenDone: null }));
  }

  /** Those whose time is over need not be kept. */
  drop(ids: ReadonlySet<string>): void {
    const holds = this.#kept.holds.filter(({ id }) => !ids.has(id));
    if (holds.length < this.#kept.holds.length)
      this.#needs.commit((tx) => this.#put(tx, { ...this.#kept, holds }));
  }

  #put(tx: LogWriter, kept: Kept): void {
    tx.putMeta(KEY, JSON.stringify(kept));
    tx.afterCommit(() => {
      this.#kept = kept;
      this.changed.emit();
    });
  }

  #tell(tx: LogWriter, by: string, what: Record<string, unknown>): void {
    const { audit } = this.#needs;
    audit.append(tx, { kind: 'powerChanged', who: audit.who(by), what });
  }
}

function read(text: string | null, logger: Logger): Kept | null {
  if (text === null) return null;
  const parsed = keptSchema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  logger.warn({ err: parsed.error }, 'what was kept of holds cannot be read; they are forgotten');
  return null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
