import { execFile } from 'node:child_process';

const LIMIT_MS = 2_000;

/** A method of an object on the session bus, with one string at most. */
export interface BusCall {
  readonly service: string;
  readonly path: string;
  readonly interface: string;
  readonly method: string;
  readonly text?: string;
}

export type BusAnswer =
  | { readonly kind: 'said'; readonly text: string }
  /** The bus, or whoever is asked, says no. */
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'silent' }
  /** None of the programs that can ask is installed. */
  | { readonly kind: 'unknown' };

/** The usual programs that can ask the session bus; most systems have at least one of them. */
const ASKERS: readonly (readonly [string, (call: BusCall) => readonly string[]])[] = [
  [
    'dbus-send',
    ({ service, path, interface: face, method, text }) => [
      '--session',
      '--print-reply',
      `--dest=${service}`,
      path,
      `${face}.${method}`,
      ...(text === undefined ? [] : [`string:${text}`]),
    ],
  ],
  [
    'busctl',
    ({ service, path, interface: face, method, text }) => [
      '--user',
      'call',
      service,
      path,
      face,
      method,
      ...(text === undefined ? [] : ['s', text]),
    ],
  ],
  [
    'gdbus',
    ({ service, path, interface: face, method, text }) => [
      'call',
      '--session',
      '--dest',
      service,
      '--object-path',
      path,
      '--method',
      `${face}.${method}`,
      ...(text === undefined ? [] : [text]),
    ],
  ],
];

/** What the session bus says; the first program that gets an answer has the word. */
export async function askBus(call: BusCall): Promise<BusAnswer> {
  let last: BusAnswer = { kind: 'unknown' };
  for (const [program, args] of ASKERS) {
    const answer = await ask(program, args(call));
    if (answer.kind === 'said' || answer.kind === 'silent') return answer;
    if (answer.kind === 'refused') last = answer;
  }
  return last;
}

function ask(program: string, args: readonly string[]): Promise<BusAnswer> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: LIMIT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'said', text: stdout });
      else if (error.killed === true) resolve({ kind: 'silent' });
      else if (error.code === 'ENOENT') resolve({ kind: 'unknown' });
      else resolve({ kind: 'refused', why: stderr.trim() });
    });
  });
}
