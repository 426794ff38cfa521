import { openDB } from 'idb';
import { withDeadline } from '../../../src/base/deadline.ts';
import { Emitter } from '../../../src/base/emitter.ts';
import {
  DATABASE,
  migrate,
  SCHEMA_VERSION,
  type PhoneDatabase,
  type PhoneSchema,
} from './schema.ts';

export type StorageTrouble =
  /** An older page of this app is open elsewhere and must be closed first. */
  | 'otherPageIsOlder'
  /** A newer page has changed the storage: this one must be loaded again. */
  | 'thisPageIsOlder'
  /** The browser took the storage away while the page was open. */
  | 'taken';

const OPEN_LIMIT_MS = 10_000;

/**
 * The phone's storage. A connection that the system ended (phones do that to pages in the
 * background) is opened again; one that a newer page needs closed is given up.
 */
export class Database {
  readonly troubles = new Emitter<StorageTrouble>();
  readonly #name: string;
  #opening: Promise<PhoneDatabase> | null = null;
  #isOutdated = false;

  constructor(name = DATABASE) {
    this.#name = name;
  }

  /** `work` may be run a second time when its connection turned out to be gone; nothing of the first was kept then. */
  async run<T>(work: (db: PhoneDatabase) => Promise<T>): Promise<T> {
    const opening = this.#open();
    try {
      return await work(await opening);
    } catch (error) {
      if (!isLostConnection(error) || this.#isOutdated) throw error;
      if (this.#opening === opening) this.#opening = null;
      return await work(await this.#open());
    }
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    (await opening?.catch(() => null))?.close();
  }

  #open(): Promise<PhoneDatabase> {
    if (this.#isOutdated)
      return Promise.reject(
        new Error('This page is older than what is stored here. Load it again.'),
      );
    this.#opening ??= this.#connect().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #connect(): Promise<PhoneDatabase> {
    const opening = openDB<PhoneSchema>(this.#name, SCHEMA_VERSION, {
      upgrade: (db, from) => migrate(db, from),
      blocked: () => this.troubles.emit('otherPageIsOlder'),
      blocking: () => {
        this.#isOutdated = true;
        void this.close();
        this.troubles.emit('thisPageIsOlder');
      },
      terminated: () => {
        this.#opening = null;
        this.troubles.emit('taken');
      },
    });
    try {
      return await withDeadline(opening, OPEN_LIMIT_MS, 'Opening the storage of this browser');
    } catch (error) {
      // Should it open after all, nobody uses it, and it must not block a newer page.
      opening.then((late) => late.close()).catch(() => {});
      if (error instanceof DOMException && error.name === 'VersionError') {
        this.#isOutdated = true;
        this.troubles.emit('thisPageIsOlder');
      }
      throw error;
    }
  }
}

/** WebKit ends connections of pages in the background with `UnknownError` or `InvalidStateError`. */
function isLostConnection(error: unknown): boolean {
  return (
    error instanceof DOMException &&
    (error.name === 'InvalidStateError' ||
      (error.name === 'UnknownError' && /connection|lost|server/i.test(error.message)))
  );
}

export function isQuotaError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}
