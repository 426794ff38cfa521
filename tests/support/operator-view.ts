import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that somebody who runs a relay can look at, and what in it is more than he may see. */
export class OperatorView {
  /** What nobody but a person, their devices and their host may know: name → the text. */
  readonly #secrets: ReadonlyMap<string, readonly Buffer[]>;
  /** Words that may stand in what nodes say and store: of our protocol, and of NATS. */
  readonly #words: ReadonlySet<string>;
  readonly #findings = new Set<string>();
  /** How much was looked at, by kind. */
  readonly seenBytes = new Map<string, number>();

  constructor(secrets: Readonly<Record<string, string | Uint8Array>>, words: Iterable<string>) {
    const all = Object.entries(secrets);
    this.#secrets = new Map(all.map(([name, secret]) => [name, formsOf(secret)]));
    this.#words = new Set(words);
  }

  get findings(): string[] {
    return [...this.#findings].sort();
  }

  /** What is between programs, or on a disk. `kind` says where, `place` more precisely. */
  bytes(kind: string, place: string, bytes: Uint8Array): void {
    const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#count(kind, given.length);
    this.#noSecrets(kind, given);
    for (const word of wordsIn(given))
      if (!this.#words.has(word)) this.#find(kind, `the word "${word}" in ${place}`);
  }

  /** Each file below a folder. */
  folder(kind: string, folder: string): void {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (!statSync(path).isFile()) continue;
      this.bytes(kind, name, readFileSync(path));
      this.#noSecrets(kind, Buffer.from(name));
    }
  }

  /** A log of JSON lines: whatever is said is said in constant words, with numbers beside them. */
  log(kind: string, text: string, constants: string): void {
    this.#count(kind, text.length);
    this.#noSecrets(kind, Buffer.from(text));
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const fields = objectIn(line);
      if (fields === null) {
        this.#find(kind, `a line that is no JSON: ${line}`);
        continue;
      }
      const { time, ...others } = fields;
      if (typeof time !== 'string' || Number.isNaN(Date.parse(time)))
        this.#find(kind, `no time: ${line}`);
      for (const [name, value] of Object.entries(others)) {
        if (value === null || typeof value === 'number' || typeof value === 'boolean') continue;
        // A constant of the source, or a short word of no person: a version, a signal.
        const isConstant = typeof value === 'string' && constants.includes(value);
        if (!isConstant && !/^(?:SIG[A-Z]+|\d+\.\d+\.\d+[\w.-]{0,20})$/u.test(String(value)))
          this.#find(kind, `${name}: ${JSON.stringify(value)}`);
      }
    }
  }

  /** Text as Prometheus reads it: no label has a value that could be of one client. */
  metrics(kind: string, text: string): void {
    this.#count(kind, text.length);
    this.#noSecrets(kind, Buffer.from(text));
    for (const line of text.split('\n').filter((each) => each !== '' && !each.startsWith('#'))) {
      const parts = /^[a-z_]+(?:\{(?<labels>[^{}]*)\})? [-+\deE.]+(?:Inf)?$/u.exec(line);
      if (parts === null) this.#find(kind, `a line that is no sample: ${line}`);
      for (const [, label] of (parts?.groups?.['labels'] ?? '').matchAll(/"([^"]*)"/gu))
        if (!/^(?:[a-zA-Z]{1,20}|[\d.+]{1,12}|\+Inf|v?\d+\.\d+\.\d+)$/u.test(label ?? ''))
          this.#find(kind, `the label "${label}": ${line}`);
    }
  }

  #count(kind: string, bytes: number): void {
    this.seenBytes.set(kind, (this.seenBytes.get(kind) ?? 0) + bytes);
  }

  #noSecrets(kind: string, bytes: Buffer): void {
    for (const [name, forms] of this.#secrets)
      if (forms.some((form) => bytes.includes(form))) this.#find(kind, name);
  }

  #find(kind: string, what: string): void {
    this.#findings.add(`${kind}: ${what}`);
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
const WORD = /[a-z]{8,}/gu;
/** base64 of something random; what it stands for is looked at itself. */
const RANDOM = /(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[\w+/-]{16,}={0,2}/gu;

function wordsIn(bytes: Buffer): Set<string> {
  const words = new Set<string>();
  let text = bytes.toString('latin1');
  for (const [found] of text.matchAll(RANDOM)) {
    const inner = Buffer.from(found, 'base64').toString('latin1');
    for (const [word] of inner.matchAll(WORD)) words.add(word);
  }
  text = text.replaceAll(RANDOM, ' ');
  for (const [word] of text.matchAll(WORD)) words.add(word);
  return words;
}

function objectIn(line: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(line);
    return typeof json === 'object' && json !== null ? { ...json } : null;
  } catch {
    return null;
  }
}
