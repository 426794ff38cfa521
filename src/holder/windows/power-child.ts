import { z } from 'zod';
import { Emitter } from '../../base/emitter.ts';
import type { LongTool } from '../long-tool.ts';
import { limited } from '../limited.ts';
import { POWER_SCRIPT_ARGS } from './power-script.ts';
import { powerShellOf, type WindowsTools } from './tools.ts';

/** One that failed is not tried again with every question: a PowerShell takes half a second. */
const AGAIN_AFTER_MS = 60_000;

export type PowerWord = 'sleeping' | 'woke' | 'lid' | 'power' | 'scheme';

const failureSchema = z.object({ error: z.string() });
type Waiting = { resolve(answer: unknown): void; reject(error: Error): void };

/** The PowerShell of {@link POWER_SCRIPT_ARGS}: started with the first question, ended with us. */
export class PowerChild {
  readonly told = new Emitter<PowerWord>();
  /** It ended, and what it held is gone. */
  readonly ended = new Emitter<void>();
  readonly #tools: WindowsTools;
  #tool: LongTool | null = null;
  #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #failed: { readonly atMs: number; readonly why: string } | null = null;

  constructor(tools: WindowsTools) {
    this.#tools = tools;
  }

  get isRunning(): boolean {
    return this.#tool !== null;
  }

  /** Starts it ahead of the first question, since it needs a second to compile. */
  warm(): void {
    if (this.#tool === null && this.#whyNot() === null) this.#tool = this.#start();
  }

  /** Throws what it complains of, or when it does not answer within 10 s. */
  async ask<T>(schema: z.ZodType<T>, verb: string, given = ''): Promise<T> {
    const whyNot = this.#tool === null ? this.#whyNot() : null;
    if (whyNot !== null) throw new Error(whyNot);
    this.#tool ??= this.#start();
    const tool = this.#tool;
    const id = (this.#lastId += 1);
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    tool.write(`${id} ${verb}${given === '' ? '' : ` ${Buffer.from(given).toString('base64')}`}`);
    try {
      const raw = await limited(this.#tools.timers, answer, 'PowerShell');
      const failure = failureSchema.safeParse(raw);
      if (failure.success) throw new Error(failure.data.error);
      return schema.parse(raw);
    } finally {
      this.#waiting.delete(id);
    }
  }

  end(): void {
    const tool = this.#tool;
    this.#tool = null;
    this.#fail('PowerShell was ended');
    tool?.end();
  }

  /** At once, with what it holds. */
  stop(): void {
    this.#tool?.stop();
  }

  #whyNot(): string | null {
    if (this.#failed === null) return null;
    if (this.#tools.timers.nowMs() - this.#failed.atMs < AGAIN_AFTER_MS) return this.#failed.why;
    this.#failed = null;
    return null;
  }

  #start(): LongTool {
    let complaint: string | null = null;
    let tool: LongTool | null = null;
    tool = this.#tools.start(powerShellOf(this.#tools), POWER_SCRIPT_ARGS, {
      line: (text) => {
        if (text.startsWith('! failed ')) complaint = text.slice('! failed '.length);
        else this.#hear(text);
      },
      // Told at once where it could not even be started.
      ended: (why) => queueMicrotask(() => this.#gone(tool, complaint ?? why)),
    });
    return tool;
  }

  #gone(tool: LongTool | null, why: string): void {
    if (this.#tool !== tool) return;
    this.#tool = null;
    const text = `PowerShell, which holds the machine awake, has ended (${why.slice(0, 300)})`;
    this.#failed = { atMs: this.#tools.timers.nowMs(), why: text };
    this.#fail(text);
    this.ended.emit();
  }

  #fail(why: string): void {
    for (const { reject } of this.#waiting.values()) reject(new Error(why));
    this.#waiting.clear();
  }

  #hear(text: string): void {
    const answer = /^= (\d+) (\{.*\})$/u.exec(text);
    if (answer !== null) {
      this.#waiting.get(Number(answer[1]))?.resolve(parsed(answer[2] ?? ''));
      return;
    }
    const said = /^! (sleeping|woke|lid|power|scheme)$/u.exec(text);
    // The pattern admits no other words.
    if (said !== null) this.told.emit(said[1] as PowerWord);
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return { error: 'PowerShell answered in a form that is not known here' };
  }
}
