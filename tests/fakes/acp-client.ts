import { spawn, type ChildProcess } from 'node:child_process';
import { LineSplitter } from '../../src/base/line-splitter.ts';
import { withDeadline } from '../../src/base/deadline.ts';
import type { Launch } from '../../src/host/agents/profile.ts';

export interface RecordedLine {
  /** `out` to the agent, `in` from it. */
  readonly dir: 'in' | 'out';
  readonly message: Message;
}

export interface Message {
  readonly jsonrpc: '2.0';
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

type Answerer = (method: string, params: unknown) => unknown;

const LIMIT_MS = 60_000;

/** An ACP client and nothing more: starts the agent of a launch, talks to it, remembers each line. */
export class AcpClient {
  readonly lines: RecordedLine[] = [];
  readonly stderr: string[] = [];
  /** Answers the agent's requests, or undefined: no such method. By default permissions are allowed once. */
  answer: Answerer = allowOnce;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #heard = new Set<() => void>();
  readonly #exited: Promise<void>;
  #nextId = 1;

  constructor(launch: Launch, cwd: string) {
    this.#child = spawn(launch.command, [...launch.args], {
      cwd,
      env: { ...launch.env },
      stdio: 'pipe',
    });
    const splitter = new LineSplitter({ maxBytes: 64 * 1024 * 1024 });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk)) if (line.kind === 'line') this.#onLine(line.text);
    });
    this.#child.stderr?.on(
      'data',
      (chunk: Buffer) => void this.stderr.push(chunk.toString('utf8')),
    );
    this.#exited = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.stderr.push(String(error));
        resolve();
      });
      this.#child.on('exit', () => resolve());
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async initialize(): Promise<unknown> {
    return await this.request('initialize', {
      protocolVersion: 1,
      clientInfo: { name: 'porchlight', version: '0.0.0' },
      clientCapabilities: {
        fs: { readTextFile: false, writeTextFile: false },
        terminal: false,
        elicitation: { form: {} },
      },
    });
  }

  async newSession(
    cwd: string,
    mcpServers: readonly unknown[] = [],
  ): Promise<{ sessionId: string; [key: string]: unknown }> {
    return (await this.request('session/new', { cwd, mcpServers })) as { sessionId: string };
  }

  async prompt(sessionId: string, text: string): Promise<{ stopReason: string }> {
    const prompt = [{ type: 'text', text }];
    return (await this.request('session/prompt', { sessionId, prompt })) as { stopReason: string };
  }

  /** Rejects with the agent's error, or when it is silent for a minute. */
  async request(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++;
    const answered = new Promise<Message>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ jsonrpc: '2.0', id, method, params });
    const message = await withDeadline(
      Promise.race([answered, this.#gone(method)]),
      LIMIT_MS,
      method,
    );
    if (message.error !== undefined)
      throw new Error(
        `${method}: ${message.error.code} ${message.error.message} ${JSON.stringify(message.error.data ?? null)}`,
      );
    return message.result;
  }

  notify(method: string, params: unknown): void {
    this.#send({ jsonrpc: '2.0', method, params });
  }

  /** Settles when the claim holds; looks again after each line from the agent. */
  async until(claim: () => boolean): Promise<void> {
    while (!claim())
      await Promise.race([
        new Promise<void>((resolve) => this.#heard.add(resolve)),
        this.#gone('waiting'),
      ]);
  }

  /** Closes its stdin, then ends it for good. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 6_000);
    await this.#exited;
    clearTimeout(timer);
  }

  async #gone(method: string): Promise<never> {
    await this.#exited;
    throw new Error(`${method}: the agent ended. ${this.stderr.join('').slice(-2_000)}`);
  }

  #send(message: Message): void {
    this.lines.push({ dir: 'out', message });
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #onLine(text: string): void {
    if (text === '') return;
    const message = JSON.parse(text) as Message;
    this.lines.push({ dir: 'in', message });
    for (const wake of this.#heard) wake();
    this.#heard.clear();
    if (message.method !== undefined && message.id !== undefined && message.id !== null) {
      const result = this.answer(message.method, message.params);
      const error = { code: -32_601, message: `Method not found: ${message.method}` };
      this.#send({
        jsonrpc: '2.0',
        id: message.id,
        ...(result === undefined ? { error } : { result }),
      });
    } else if (message.method === undefined && typeof message.id === 'number') {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}

/** The first `allow_once` option, and the first value of each field of a question. */
export function allowOnce(method: string, params: unknown): unknown {
  if (method === 'session/request_permission') {
    const { options } = params as { options: { optionId: string; kind: string }[] };
    const option = options.find((each) => each.kind === 'allow_once') ?? options[0];
    return { outcome: { outcome: 'selected', optionId: option?.optionId } };
  }
  if (method === 'elicitation/create') {
    const { requestedSchema } = params as {
      requestedSchema: { properties?: Record<string, Field>; required?: string[] };
    };
    const fields = Object.entries(requestedSchema.properties ?? {});
    const wanted = fields.filter(([name]) =>
      (requestedSchema.required ?? [fields[0]?.[0]]).includes(name),
    );
    const content = Object.fromEntries(wanted.map(([name, field]) => [name, firstValue(field)]));
    return { action: 'accept', content };
  }
  return undefined;
}

interface Field {
  readonly type?: string;
  readonly enum?: string[];
  readonly oneOf?: { const: string }[];
  readonly anyOf?: { const: string }[];
  readonly items?: Field;
}

function firstValue(field: Field): unknown {
  if (field.type === 'array') return [firstValue(field.items ?? {})];
  const choices = field.oneOf ?? field.anyOf;
  return choices?.[0]?.const ?? field.enum?.[0] ?? (field.type === 'boolean' ? true : 'yes');
}
