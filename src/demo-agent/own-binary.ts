import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';

const messageSchema = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  method: z.string().optional(),
});

const INTERNAL_ERROR = -32_603;
const NOT_FOUND = -32_002;
/** Asked of a second binary by us, not by the client: its answer is not passed on. */
const GREETING = 'own-binary-greeting';

export interface OwnBinaryNeeds {
  readonly command: string;
  readonly args: readonly string[];
  /** To the client. */
  write(line: string): void;
}

/**
 * `--own-binary`: this process is only the adapter in front of a second one that does the work, as
 * with Claude Code and its `claude`. When that one dies, what was asked of it fails, its sessions
 * are unknown from then on, and the next session/new or session/load starts another.
 */
export class OwnBinary {
  readonly #needs: OwnBinaryNeeds;
  readonly #open = new Set<string | number>();
  #child: ChildProcessByStdio<Writable, Readable, null> | null = null;
  #greeting: Record<string, unknown> | null = null;

  constructor(needs: OwnBinaryNeeds) {
    this.#needs = needs;
    this.#child = this.#start();
  }

  /** One line of the client. */
  take(line: string): void {
    const message = read(line);
    if (message === null) return;
    const { id, method } = message;
    if (method === undefined || id == null) return this.#pass(line);
    if (method === 'initialize') this.#greeting = message;
    if (this.#child === null && (method === 'session/new' || method === 'session/load')) {
      this.#child = this.#start();
      this.#pass(JSON.stringify({ ...this.#greeting, id: GREETING }));
    }
    if (this.#child === null) return this.#refuse(id, NOT_FOUND, 'Resource not found: session');
    this.#open.add(id);
    this.#pass(line);
  }

  end(): void {
    this.#child?.kill('SIGTERM');
  }

  #start(): ChildProcessByStdio<Writable, Readable, null> {
    const { command, args } = this.#needs;
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], windowsHide: true });
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#answer(line);
    });
    child.stdin.on('error', () => {
      // Its exit says so.
    });
    child.on('error', () => this.#died(child));
    child.on('close', () => this.#died(child));
    return child;
  }

  #answer(line: string): void {
    const message = read(line);
    if (message !== null && message.method === undefined && message.id != null) {
      if (message.id === GREETING) return;
      this.#open.delete(message.id);
    }
    this.#needs.write(line);
  }

  #died(child: ChildProcessByStdio<Writable, Readable, null>): void {
    if (this.#child !== child) return;
    this.#child = null;
    const open = [...this.#open];
    this.#open.clear();
    for (const id of open)
      this.#refuse(
        id,
        INTERNAL_ERROR,
        "The demo agent's own process exited unexpectedly. Please start a new session.",
      );
  }

  #refuse(id: string | number, code: number, message: string): void {
    this.#needs.write(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));
  }

  #pass(line: string): void {
    this.#child?.stdin.write(`${line}\n`);
  }
}

function read(line: string): z.infer<typeof messageSchema> | null {
  try {
    return messageSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
