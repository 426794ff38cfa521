/** Rules are flat; the limit keeps hostile input off the stack. */
const MAX_DEPTH = 20;

export type JsonPath = readonly (string | number)[];

/** Not JSON as we read it. `offset`: of the character where it was noticed. */
export class JsonFault extends Error {
  override name = 'JsonFault';
  readonly offset: number;

  constructor(words: string, offset: number) {
    super(words);
    this.offset = offset;
  }
}

/**
 * JSON (RFC 8259) that means one thing only: a name that stands twice in an object, which parsers
 * read differently, is a {@link JsonFault}, as is everything that is no JSON.
 */
export function parseStrictJson(text: string): unknown {
  const reader = new Reader(text, null);
  reader.document();
  // Read a second time by the engine, whose values (`__proto__`, numbers) are what they should be.
  return JSON.parse(text) as unknown;
}

/** Where the value at `path` begins, or the deepest one above it that there is. */
export function offsetOf(text: string, path: JsonPath): number {
  const reader = new Reader(text, path);
  try {
    reader.document();
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
  }
  return reader.found;
}

/** Counted from 1, as editors do; a column is a UTF-16 code unit. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: offset - lastBreak };
}

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const BLANK = /[ \t\n\r]*/y;

/** Walks over a text without making values; where `wanted` is given, notes where that one begins. */
class Reader {
  found = 0;
  readonly #text: string;
  readonly #wanted: JsonPath | null;
  #at = 0;
  #foundDepth = 0;

  constructor(text: string, wanted: JsonPath | null) {
    this.#text = text;
    this.#wanted = wanted;
  }

  document(): void {
    this.#blank();
    this.#value(0, true);
    this.#blank();
    if (this.#at < this.#text.length) this.#fail('nothing more may follow here');
  }

  /** `onPath`: all names and places above this value are those that are looked for. */
  #value(depth: number, onPath: boolean): void {
    if (onPath && depth >= this.#foundDepth) {
      this.#foundDepth = depth;
      this.found = this.#at;
    }
    if (depth > MAX_DEPTH) this.#fail(`it is nested deeper than ${MAX_DEPTH}`);
    const first = this.#text[this.#at];
    if (first === '{') this.#object(depth, onPath);
    else if (first === '[') this.#array(depth, onPath);
    else if (first === '"') this.#string();
    else if (this.#take(WORD) === null && this.#take(NUMBER) === null)
      this.#fail(first === undefined ? 'it ends too early' : 'a value is missing or wrong');
  }

  #object(depth: number, onPath: boolean): void {
    const names = new Set<string>();
    this.#at += 1;
    this.#blank();
    if (this.#skip('}')) return;
    for (;;) {
      const nameAt = this.#at;
      const name = this.#string();
      if (names.has(name))
        throw new JsonFault(`${JSON.stringify(name)} stands twice in one object`, nameAt);
      names.add(name);
      this.#blank();
      if (!this.#skip(':')) this.#fail('":" is missing');
      this.#blank();
      this.#value(depth + 1, onPath && this.#wanted?.[depth] === name);
      this.#blank();
      if (this.#skip('}')) return;
      if (!this.#skip(',')) this.#fail('"," or "}" is missing');
      this.#blank();
    }
  }

  #array(depth: number, onPath: boolean): void {
    this.#at += 1;
    this.#blank();
    if (this.#skip(']')) return;
    for (let i = 0; ; i += 1) {
      this.#value(depth + 1, onPath && this.#wanted?.[depth] === i);
      this.#blank();
      if (this.#skip(']')) return;
      if (!this.#skip(',')) this.#fail('"," or "]" is missing');
      this.#blank();
    }
  }

  #string(): string {
    const written = this.#take(STRING);
    if (written === null) this.#fail('a text in double quotes is missing or wrong');
    return JSON.parse(written) as string;
  }

  #blank(): void {
    this.#take(BLANK);
  }

  #skip(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #take(what: RegExp): string | null {
    what.lastIndex = this.#at;
    const taken = what.exec(this.#text);
    if (taken === null) return null;
    this.#at = what.lastIndex;
    return taken[0];
  }

  #fail(words: string): never {
    throw new JsonFault(words, this.#at);
  }
}
