import type { AttentionKind } from '../../../../src/protocol/attention.ts';
import type { PushPayload } from '../../../../src/protocol/push.ts';

// As `pushPayloadSchema` does it, without zod: a push wakes this worker, and each kB of it costs the
// phone's battery. A test holds the two against one another.

export type ShowPush = Extract<PushPayload, { type: 'show' }>;
export type WithdrawPush = Extract<PushPayload, { type: 'withdraw' }>;
export type SilencePush = Extract<PushPayload, { type: 'silence' }>;

/** Four times what a push service carries: what is longer was not sent by one. */
const MAX_CHARS = 16_384;
const DATE_TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const KINDS: Readonly<Record<AttentionKind, true>> = {
  ...{ decision: true, question: true, machine: true },
  ...{ failed: true, parked: true, finished: true },
};

/** null: garbage, or of a host that speaks otherwise by now. */
export function payloadOf(text: string): PushPayload | null {
  if (text.length > MAX_CHARS) return null;
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? read(new Fields(json)) : null;
  } catch (error) {
    if (error instanceof Unfit || error instanceof SyntaxError) return null;
    throw error;
  }
}

class Unfit extends Error {}

/** Reads one field after the other, or throws {@link Unfit}. */
class Fields {
  readonly #json: Record<string, unknown>;

  constructor(json: Record<string, unknown>) {
    this.#json = json;
  }

  get(name: string): unknown {
    return this.#json[name];
  }

  text(name: string, max: number, min = 0): string {
    const value = this.get(name);
    if (typeof value === 'string' && value.length >= min && value.length <= max) return value;
    throw new Unfit();
  }

  count(name: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.get(name);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max)
      return value;
    throw new Unfit();
  }

  isTrue(name: string): boolean {
    const value = this.get(name);
    if (typeof value === 'boolean') return value;
    throw new Unfit();
  }

  dateTime(name: string): string {
    const value = this.like(name, DATE_TIME);
    const ms = Date.parse(value);
    // February 30 is read as a day of March.
    if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== value.slice(0, 10))
      throw new Unfit();
    return value;
  }

  like(name: string, pattern: RegExp): string {
    const value = this.text(name, MAX_CHARS);
    if (pattern.test(value)) return value;
    throw new Unfit();
  }

  /** `read`, where the field is there. */
  optional<K extends string, T>(name: K, take: (name: K) => T): { [P in K]?: T } {
    if (this.get(name) === undefined) return {};
    const one: { [P in K]?: T } = {};
    one[name] = take(name);
    return one;
  }
}

function read(fields: Fields): PushPayload | null {
  if (fields.get('v') !== 1) return null;
  const head = { v: 1, host: fields.text('host', 64), badge: fields.count('badge', 0, 9_999) };
  switch (fields.get('type')) {
    case 'show':
      // The ids are branded by their pattern, which `like` has looked at.
      return {
        type: 'show',
        ...head,
        ...tagged(fields),
        kind: kindOf(fields.get('kind')),
        title: fields.text('title', 200),
        body: fields.text('body', 800),
        at: fields.dateTime('at'),
        ...fields.optional('sessionId', (name) => fields.like(name, /^s_[a-z0-9]{12}$/)),
        ...fields.optional('approvalId', (name) => fields.like(name, /^a_[a-z0-9]{12}$/)),
        ...fields.optional('hash', (name) => fields.text(name, 64)),
        loud: fields.isTrue('loud'),
        ...fields.optional('count', (name) => fields.count(name, 1)),
      } as ShowPush;
    case 'withdraw':
      return {
        type: 'withdraw',
        ...head,
        tags: tagsOf(fields.get('tags')),
        ...fields.optional('rounds', () => roundsOf(fields.get('rounds'))),
        words: fields.text('words', 200),
      } as WithdrawPush;
    case 'silence':
      return {
        type: 'silence',
        ...head,
        ...tagged(fields),
        hostName: fields.text('hostName', 80),
        writtenAt: fields.dateTime('writtenAt'),
        working: fields.count('working', 0),
      } as SilencePush;
    default:
      return null;
  }
}

function tagged(fields: Fields): { tag: string; round: number } {
  return { tag: fields.text('tag', 120, 1), round: fields.count('round', 1) };
}

function tagsOf(tags: unknown): string[] {
  if (!Array.isArray(tags) || tags.length > 20) throw new Unfit();
  return tags.map((tag: unknown) => {
    if (typeof tag !== 'string' || tag.length === 0 || tag.length > 120) throw new Unfit();
    return tag;
  });
}

function roundsOf(rounds: unknown): number[] {
  if (!Array.isArray(rounds) || rounds.length > 20) throw new Unfit();
  return rounds.map((round: unknown) => {
    if (typeof round === 'number' && Number.isSafeInteger(round) && round >= 0) return round;
    throw new Unfit();
  });
}

/** A newer host may know more. */
function kindOf(kind: unknown): AttentionKind {
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind)
    ? (kind as AttentionKind)
    : 'machine';
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
