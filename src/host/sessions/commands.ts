import type { CommandId } from '../../protocol/ids.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';

/** A device's command is refused a day before, by its clock, which may be a day ahead. */
const REMEMBERED_MS = 8 * 24 * 3_600_000;
/** A clock that stood wrong makes commands of a minute ago look old: of these none is forgotten. */
const KEPT_COMMANDS = 10_000;

/** One memory for all; whose a command is, and who else may not send it, is in `command-claims.ts`. */
export const LOCAL_COMMANDS = 'local';

/** Does a command once: sent again, by a surface that lost the answer, it gives the first result. */
export class Commands {
  readonly #log: EventLog;
  readonly #store: Store;
  readonly #now: () => Date;

  constructor(log: EventLog, store: Store, now: () => Date) {
    this.#log = log;
    this.#store = store;
    this.#now = now;
    this.trim();
  }

  /** Forgets what is too old to be sent again. */
  trim(): void {
    this.#store.trimCommands(this.#now().getTime() - REMEMBERED_MS, KEPT_COMMANDS);
  }

  /** `result` must be plain JSON. */
  once<T extends object>(commandId: CommandId, work: (tx: LogWriter) => T): T {
    const earlier = this.earlier<T>(commandId);
    if (earlier !== null) return earlier;
    return this.#log.commit((tx) => {
      const result = work(tx);
      tx.putCommand(LOCAL_COMMANDS, commandId, result, this.#now().getTime());
      return result;
    });
  }

  /** The result of a command done before, to go on waiting where its answer was lost. */
  earlier<T extends object>(commandId: CommandId): T | null {
    // What this store remembers of a command was made by `once`, for the same method.
    return (this.#store.command(LOCAL_COMMANDS, commandId) as { result: T } | null)?.result ?? null;
  }
}
