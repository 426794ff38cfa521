import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a log may say. */
export interface LogWords {
  /** The source: whatever stands in it is of no client. */
  readonly constants: string;
  /** What is put together from what is the operator's own, as names of servers. */
  readonly shapes: readonly RegExp[];
}

/** Everything that somebody who runs a relay can look at, and what in it is more than he may see. */
export class OperatorView {
  /** What nobody but a person, their devices and their host may know: name → the text. */
  readonly #secrets: ReadonlyMap<string, readonly Buffer[]>;
  /** Words that may stand in what nodes say and store: of our protocol, and of NATS. */
  readonly #words: ReadonlySet<string>;
  /** With where it was seen first. */
  readonly #findings = new Map<string, string>();
  /** How much was looked at, by kind. */
  readonly seenBytes = new Map<string, number>();

  constructor(secrets: Readonly<Record<string, string | Uint8Array>>, words: Iterable<string>) {
    const all = Object.entries(secrets);
    this.#secrets = new Map(all.map(([name, secret]) => [name, formsOf(secret)]));
    this.#words = new Set(words);
  }

  get findings(): string[] {
    return [...this.#findings].map(([what, place]) => `${what} in ${place}`).sort();
  }

  /** What is between programs, or on a disk. `kind` says where, `place` more precisely. */
  bytes(kind: string, place: string, bytes: Uint8Array): void {
    const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#count(kind, given.length);
    this.#noSecrets(kind, place, given);
    for (const word of wordsIn(given))
      if (!this.#words.has(word)) this.#find(kind, place, `the word "${word}"`);
  }

  /** The name of what was said: of a known shape, with random ids in it. */
  subject(kind: string, subject: string, shapes: readonly RegExp[]): void {
    this.#noSecrets(kind, 'a subject', Buffer.from(subject));
    if (!shapes.some((shape) => shape.test(subject))) this.#find(kind, subject, 'another subject');
  }

  /** Each file below a folder. */
  folder(kind: string, folder: string): void {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (!statSync(path).isFile()) continue;
      this.bytes(kind, name, readFileSync(path));
      this.bytes(kind, 'the name of a file', Buffer.from(name));
    }
  }

  /** A log of JSON lines: whatever is said is said in constant words, with numbers beside them. */
  log(kind: string, text: string, { constants, shapes }: LogWords): void {
    this.#count(kind, text.length);
    this.#noSecrets(kind, 'a log', Buffer.from(text));
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const fields = objectIn(line);
      if (fields === null) {
        this.#find(kind, line, 'what is no JSON');
        continue;
      }
      const { time, ...others } = fields;
      if (typeof time !== 'string' || Number.isNaN(Date.parse(time)))
        this.#find(kind, line, 'no time');
      for (const [name, value] of Object.entries(others)) {
        if (value === null || typeof value === 'number' || typeof value === 'boolean') continue;
        const isKnown =
          typeof value === 'string' &&
          (constants.includes(value) || shapes.some((shape) => shape.test(value)));
        if (!isKnown) this.#find(kind, line, `${name}: ${JSON.stringify(value)}`);
      }
    }
  }

  /** Text as Prometheus reads it: no label has a value that could be of one client. */
  metrics(kind: string, text: string): void {
    this.#count(kind, text.length);
    this.#noSecrets(kind, 'a page', Buffer.from(text));
    for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
      const parts = /^[a-z_]+(?:\{(?<labels>[^{}]*)\})? [-+\deE.]+(?:Inf)?$/u.exec(line);
      if (parts === null) this.#find(kind, line, 'what is no sample');
      for (const [, label] of (parts?.groups?.['labels'] ?? '').matchAll(/"([^"]*)"/gu))
        if (!/^(?:[a-zA-Z]{1,20}|[\d.+]{1,12}|\+Inf|v?\d+\.\d+\.\d+)$/u.test(label ?? ''))
          this.#find(kind, line, `the label "${label}"`);
    }
  }

  #count(kind: string, bytes: number): void {
    this.seenBytes.set(kind, (this.seenBytes.get(kind) ?? 0) + bytes);
  }

  #noSecrets(kind: string, place: string, bytes: Buffer): void {
    for (const [name, forms] of this.#secrets)
      if (forms.some((form) => bytes.includes(form))) this.#find(kind, place, name);
  }

  #find(kind: string, place: string, what: string): void {
    const found = `${kind}: ${what}`;
    if (!this.#findings.has(found)) this.#findings.set(found, place);
  }
}

const MIN_SECRET_BYTES = 6;

/** How a text may stand somewhere: as it is, in UTF-16, hex, JSON or a URL, and in base64 from each of its three offsets. */
function formsOf(secret: string | Uint8Array): Buffer[] {
  const bytes = Buffer.from(secret);
  if (bytes.length < MIN_SECRET_BYTES) throw new Error('So short a secret is found by chance.');
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].flatMap((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
    // Without the characters at both ends that depend on what stands beside it.
    const inner = (text: string) =>
      text.replace(/=+$/u, '').slice(offset === 0 ? 0 : offset + 1, -1);
    return [inner(shifted.toString('base64')), inner(shifted.toString('base64url'))];
  });
  const anyhow = [hex, hex.toUpperCase(), ...base64].map((text) => Buffer.from(text));
  if (typeof secret !== 'string') return [bytes, ...anyhow];
  const texts = [JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
  return [
    ...[bytes, Buffer.from(secret, 'utf16le'), ...anyhow],
    ...texts.map((text) => Buffer.from(text)),
  ];
}

/** Shorter ones come by chance in what is sealed. */
const WORD = /[A-Za-z][a-z]{7,}/gu;
/** base64 of something random, which has capitals here and there; what it stands for is looked at itself. */
const RANDOM =
  /(?=(?:[\w+/-]*?[A-Z]){3}|[\w+/-]*[A-Z][\w+/-]*\d|[\w+/-]*\d[\w+/-]*[A-Z])[\w+/-]{16,}={0,2}/gu;
/** Where an answer of NATS is to go: shorter, and as random. */
const INBOX = /_INBOX[\w.-]*/gu;

/** Of eight letters or more; also in base64, and in base64 in that. */
export function wordsIn(bytes: Buffer): Set<string> {
  const text = bytes.toString('latin1').replaceAll(INBOX, ' ');
  const inner = [...text.matchAll(RANDOM)].map(([found]) => Buffer.from(found, 'base64'));
  const plain = [...text.replaceAll(RANDOM, ' ').matchAll(WORD)].map(([word]) =>
    word.toLowerCase(),
  );
  return new Set([...plain, ...inner.flatMap((each) => [...wordsIn(each)])]);
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === 'object' && json !== null ? { ...json } : null;
  } catch {
    return null;
  }
}
