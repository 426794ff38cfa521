export interface LineLimits {
  /** A longer line is dropped while it arrives and reported once, by its size. */
  readonly maxBytes: number;
}

export type SplitLine =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'oversize'; readonly bytes: number };

const NEWLINE = 0x0a;
/** Keeps nothing between two whole lines, and making one takes longer than decoding with it. */
const decoder = new TextDecoder();

/**
 * Cuts a byte stream into lines (LF; a CR before it is dropped). Memory is bounded by
 * `maxBytes`: what is over it is counted, not kept. UTF-8 is decoded per whole line, so a
 * character cut by a chunk border is safe.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(limits: LineLimits) {
    this.#maxBytes = limits.maxBytes;
  }

  /** Bytes of the line that has not ended yet, kept or not: over `maxBytes` it will be `oversize`. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  push(chunk: Uint8Array): SplitLine[] {
    const lines: SplitLine[] = [];
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, start);
      if (end === -1) break;
      this.#keep(chunk.subarray(start, end));
      lines.push(this.#take());
      start = end + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return lines;
  }

  /** What is left without a newline when the stream ends. */
  end(): SplitLine[] {
    return this.#bytes === 0 ? [] : [this.#take()];
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.#maxBytes) this.#parts.push(part);
    else this.#parts = [];
  }

  #take(): SplitLine {
    const bytes = this.#bytes;
    const parts = this.#parts;
    this.#bytes = 0;
    this.#parts = [];
    if (bytes > this.#maxBytes) return { kind: 'oversize', bytes };
    const text = decoder.decode(parts.length === 1 ? parts[0] : joined(parts, bytes));
    return { kind: 'line', text: text.endsWith('\r') ? text.slice(0, -1) : text };
  }
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
