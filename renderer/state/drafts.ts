import type { SessionId } from '../../src/protocol/ids.ts';

export interface DraftImage {
  readonly name: string;
  readonly mimeType: string;
  /** Base64. */
  readonly data: string;
}
export interface Draft {
  readonly text: string;
  readonly images: readonly DraftImage[];
}

export const NO_DRAFT: Draft = { text: '', images: [] };
const KEY = 'porchlight.draft.';
/** Longer drafts live only as long as the window. */
const MAX_STORED_CHARS = 100_000;
const MAX_STORED_DRAFTS = 100;

/** What was written and not sent, per session; the text also outlives the window. */
export class Drafts {
  readonly #storage: Storage;
  readonly #drafts = new Map<SessionId, Draft>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get(sessionId: SessionId): Draft {
    const known = this.#drafts.get(sessionId);
    if (known !== undefined) return known;
    const text = this.#storage.getItem(KEY + sessionId);
    return text === null ? NO_DRAFT : { text, images: [] };
  }

  set(sessionId: SessionId, draft: Draft): void {
    this.#drafts.set(sessionId, draft);
    try {
      if (draft.text === '' || draft.text.length > MAX_STORED_CHARS)
        this.#storage.removeItem(KEY + sessionId);
      else this.#storage.setItem(KEY + sessionId, draft.text);
      this.#trim();
    } catch {
      // A full or forbidden storage costs only what would have outlived the window.
    }
  }

  #trim(): void {
    const keys = Array.from(
      { length: this.#storage.length },
      (_, i) => this.#storage.key(i) ?? '',
    ).filter((key) => key.startsWith(KEY));
    for (const key of keys.slice(0, Math.max(0, keys.length - MAX_STORED_DRAFTS)))
      this.#storage.removeItem(key);
  }
}
