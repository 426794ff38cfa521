import { findScriptLine } from './script-line.ts';
import type { PromptRequest, StopReason } from '@agentclientprotocol/sdk';
import type { Children } from './children.ts';
import type { Clock } from './clock.ts';
import { addText, type Conversation } from './conversation.ts';
import { modelSpeed, type ModeId } from './modes.ts';
import { Turn, TurnCancelled, type Client } from './turn.ts';

export type RunScript = (turn: Turn) => Promise<StopReason>;

export interface SessionParts {
  readonly conversation: Conversation;
  readonly client: Client;
  readonly clock: Clock;
  readonly children: Children;
  readonly newId: () => string;
  readonly speed: number;
  readonly today: () => string;
  readonly save: (conversation: Conversation) => void;
  readonly run: RunScript;
}

/** One conversation. A prompt that comes while one runs waits its turn; a cancel ends both. */
export class DemoSession {
  readonly #parts: SessionParts;
  readonly #alwaysAllowed = new Set<string>();
  #mode: ModeId = 'ask';
  #cancelled = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get conversation(): Conversation {
    return this.#parts.conversation;
  }
  get mode(): ModeId {
    return this.#mode;
  }

  setMode(mode: ModeId): void {
    this.#mode = mode;
  }

  cancel(): void {
    this.#cancelled.abort();
    this.#cancelled = new AbortController();
  }

  /** Answers a prompt. Rejects only with what a script throws on purpose. */
  async prompt(prompt: PromptRequest['prompt'], withdrawn: AbortSignal): Promise<StopReason> {
    const signal = AbortSignal.any([this.#cancelled.signal, withdrawn]);
    const turn = this.#last.then(() => this.#answer(prompt, signal));
    this.#last = turn.catch(() => {});
    return await turn;
  }

  save(): void {
    this.conversation.updatedAt = this.#parts.today();
    this.#parts.save(this.conversation);
  }

  async #answer(prompt: PromptRequest['prompt'], signal: AbortSignal): Promise<StopReason> {
    if (signal.aborted) return 'cancelled';
    const texts = prompt.flatMap((block) => (block.type === 'text' ? [block.text] : []));
    const text = texts.join('\n');
    addText(this.conversation.entries, 'user', this.#parts.newId(), text);
    this.save();
    const turn = new Turn({
      conversation: this.conversation,
      // A client may put a summary of earlier prompts, with their scripts, ahead of this one.
      promptText: texts.findLast((each) => findScriptLine(each) !== null) ?? text,
      images: prompt.filter((block) => block.type === 'image').length,
      client: this.#parts.client,
      clock: this.#parts.clock,
      children: this.#parts.children,
      signal,
      newId: this.#parts.newId,
      speed: this.#parts.speed * modelSpeed(this.conversation.model),
      mode: () => this.#mode,
      setMode: (mode) => this.setMode(mode),
      alwaysAllowed: this.#alwaysAllowed,
      save: () => this.save(),
    });
    try {
      return await this.#parts.run(turn);
    } catch (error) {
      if (signal.aborted || error instanceof TurnCancelled) return 'cancelled';
      throw error;
    } finally {
      await turn.end();
    }
  }
}
