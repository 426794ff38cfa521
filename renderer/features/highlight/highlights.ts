import type { Timers } from '../../../src/connection/timers.ts';
import type { HighlightAnswer, HighlightedLines, HighlightRequest } from './token-kinds.ts';

/** Longer code stays plain: colours are not worth the memory there. */
const MAX_CODE_CHARS = 40_000;
const MAX_CACHED = 300;
const MAX_WAITING = 64;
/** While text still streams in, its last code block changes with every frame. */
const SETTLE_MS = 120;

type Tell = (lines: HighlightedLines | null) => void;

/** The part of a Worker that colours. */
export interface HighlightWorker {
  postMessage(request: HighlightRequest): void;
  onmessage: ((event: MessageEvent<HighlightAnswer>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

export interface HighlightsNeeds {
  /** Called at first need; where it throws, all code is plain. */
  start(): HighlightWorker;
  readonly timers: Pick<Timers, 'after'>;
}

/** What is coloured already, and what is being: one for all code blocks of a page. */
export class Highlights {
  readonly #needs: HighlightsNeeds;
  readonly #cache = new Map<string, HighlightedLines | null>();
  readonly #waiting = new Map<number, { readonly key: string; readonly tell: Tell }>();
  #worker: HighlightWorker | null | undefined;
  #nextId = 1;

  constructor(needs: HighlightsNeeds) {
    this.#needs = needs;
  }

  /** What there is now; null: plain. */
  known(code: string, language: string | null): HighlightedLines | null {
    return this.#cache.get(keyOf(code, language)) ?? null;
  }

  /**
   * Tells once the lines are there; at once where another block of the same code has brought them
   * since this one looked. Returns what ends it.
   */
  ask(code: string, language: string | null, tell: Tell): () => void {
    if (language === null || code.length > MAX_CODE_CHARS) return () => {};
    const key = keyOf(code, language);
    let id: number | null = null;
    let disarm: () => void = () => {};
    const settle = (): void => {
      disarm = this.#needs.timers.after(SETTLE_MS, () => {
        if (this.#told(key, tell)) return;
        // Its turn comes.
        if (this.#waiting.size >= MAX_WAITING) return settle();
        id = this.#request({ code, language }, { key, tell });
      });
    };
    if (!this.#told(key, tell)) settle();
    return () => {
      disarm();
      if (id !== null) this.#waiting.delete(id);
    };
  }

  #told(key: string, tell: Tell): boolean {
    const lines = this.#cache.get(key);
    if (lines === undefined) return false;
    tell(lines);
    return true;
  }

  #request(
    what: Omit<HighlightRequest, 'id'>,
    asked: { readonly key: string; readonly tell: Tell },
  ): number | null {
    const worker = this.#running();
    if (worker === null) return null;
    const id = this.#nextId++;
    this.#waiting.set(id, asked);
    worker.postMessage({ id, ...what });
    return id;
  }

  #running(): HighlightWorker | null {
    if (this.#worker !== undefined) return this.#worker;
    try {
      const worker = this.#needs.start();
      worker.onmessage = ({ data }) => this.#answered(data);
      worker.onerror = () => {
        this.#worker = null;
        this.#waiting.clear();
      };
      this.#worker = worker;
    } catch {
      this.#worker = null;
    }
    return this.#worker;
  }

  #answered({ id, lines }: HighlightAnswer): void {
    const asked = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (asked === undefined) return;
    if (this.#cache.size >= MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value ?? '');
    this.#cache.set(asked.key, lines);
    asked.tell(lines);
  }
}

function keyOf(code: string, language: string | null): string {
  return `${language ?? ''}\n${code}`;
}
