import { z } from 'zod';
import type {
  CreateElicitationResponse,
  ElicitationSchema,
  PlanEntry,
  RequestPermissionRequest,
  RequestPermissionResponse,
  SessionUpdate,
} from '@agentclientprotocol/sdk';
import type { Children, CommandResult } from './children.ts';
import type { Clock } from './clock.ts';
import {
  addText,
  addTool,
  toolOnTheWire,
  type Conversation,
  type ToolChange,
  type ToolEntry,
} from './conversation.ts';
import type { ModeId } from './modes.ts';

/** What a turn needs of the client on the other side. */
export interface Client {
  readonly canAskForms: boolean;
  update(update: SessionUpdate): Promise<void>;
  askPermission(
    request: Omit<RequestPermissionRequest, 'sessionId'>,
    signal: AbortSignal,
  ): Promise<RequestPermissionResponse>;
  askForm(
    message: string,
    schema: ElicitationSchema,
    signal: AbortSignal,
  ): Promise<CreateElicitationResponse>;
  /** A request that ACP does not know. */
  request(method: string, params: unknown): Promise<unknown>;
  notify(method: string, params: unknown): Promise<void>;
  /** Bytes on stdout past the protocol. */
  writeRaw(text: string): Promise<void>;
}

export interface TurnParts {
  readonly conversation: Conversation;
  readonly promptText: string;
  readonly images: number;
  readonly client: Client;
  readonly clock: Clock;
  readonly children: Children;
  readonly signal: AbortSignal;
  readonly newId: () => string;
  readonly speed: number;
  readonly mode: () => ModeId;
  readonly setMode: (mode: ModeId) => void;
  /** Kinds of calls that the person allowed for the rest of the session. */
  readonly alwaysAllowed: Set<string>;
  readonly save: () => void;
}

const answerSchema = z.record(z.string(), z.unknown());

/** Thrown when a question came back as cancelled: the client ends the turn, its cancel may follow. */
export class TurnCancelled extends Error {
  override name = 'TurnCancelled';
}

export type Permission = 'allowed' | 'refused';

const CHUNK_MS = 25;

/**
 * One prompt being answered: the verbs that scripts are written in. Each throws once the turn is
 * cancelled, so a script needs no checks of its own.
 */
export class Turn {
  readonly #parts: TurnParts;
  readonly #open = new Map<string, ToolEntry>();
  #messageId = '';
  #saying: 'agent' | 'thought' | null = null;
  #tokens = 1_200;

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  get cwd(): string {
    return this.#parts.conversation.cwd;
  }
  get promptText(): string {
    return this.#parts.promptText;
  }
  get images(): number {
    return this.#parts.images;
  }
  get signal(): AbortSignal {
    return this.#parts.signal;
  }
  get client(): Client {
    return this.#parts.client;
  }
  get clock(): Clock {
    return this.#parts.clock;
  }
  get mode(): ModeId {
    return this.#parts.mode();
  }
  /** What the person has sent in this conversation, this prompt included. */
  get promptsSoFar(): number {
    return this.#parts.conversation.entries.filter((entry) => entry.say === 'user').length;
  }

  newId(): string {
    return this.#parts.newId();
  }

  async pause(ms: number): Promise<void> {
    await this.#parts.clock.sleep(ms / this.#parts.speed, this.signal);
  }

  /** A message, streamed word by word. */
  async say(text: string): Promise<void> {
    await this.#stream('agent', text);
  }

  async think(text: string): Promise<void> {
    await this.#stream('thought', text);
  }

  /** One chunk of the agent's text at once, into the message that is being said. */
  async chunk(text: string): Promise<void> {
    if (this.#saying !== 'agent') this.#begin('agent');
    await this.#text('agent', text);
  }

  async update(update: SessionUpdate): Promise<void> {
    this.signal.throwIfAborted();
    await this.#parts.client.update(update);
  }

  async plan(entries: readonly string[], done: number): Promise<void> {
    const statusOf = (n: number): PlanEntry['status'] =>
      n < done ? 'completed' : n === done ? 'in_progress' : 'pending';
    await this.update({
      sessionUpdate: 'plan',
      entries: entries.map((content, n) => ({ content, priority: 'medium', status: statusOf(n) })),
    });
    await this.#usage();
  }

  async title(title: string): Promise<void> {
    this.#parts.conversation.title = title;
    await this.update({
      sessionUpdate: 'session_info_update',
      title,
      updatedAt: this.#parts.conversation.updatedAt,
    });
  }

  async switchMode(mode: ModeId): Promise<void> {
    this.#parts.setMode(mode);
    await this.update({ sessionUpdate: 'current_mode_update', currentModeId: mode });
  }

  /** Announces a tool call as pending; returns its id. */
  async tool(call: Omit<ToolEntry, 'say' | 'toolCallId'>): Promise<string> {
    const toolCallId = `call_${this.newId()}`;
    const entry: ToolEntry = { say: 'tool', toolCallId, status: 'pending', ...call };
    this.#open.set(toolCallId, entry);
    addTool(this.#parts.conversation.entries, entry);
    this.#saying = null;
    await this.update({ sessionUpdate: 'tool_call', ...toolOnTheWire(entry) });
    this.#parts.save();
    return toolCallId;
  }

  async toolChanged(toolCallId: string, change: ToolChange): Promise<void> {
    this.#keepChange(toolCallId, change);
    await this.update({ sessionUpdate: 'tool_call_update', toolCallId, ...change });
    this.#parts.save();
  }

  /** Whether the mode, or an earlier "do not ask again", lets a call of this kind run unasked. */
  mustAsk(kind: 'edit' | 'execute'): boolean {
    if (this.mode === 'auto' || (this.mode === 'edits' && kind === 'edit')) return false;
    return !this.#parts.alwaysAllowed.has(kind);
  }

  /** Asks for an announced call. Every answer but one of the two that allow is a refusal. */
  async ask(toolCallId: string): Promise<Permission> {
    this.signal.throwIfAborted();
    const entry = this.#open.get(toolCallId);
    if (entry === undefined) throw new Error(`Tool call ${toolCallId} is not open`);
    const answer = await this.client.askPermission(
      {
        toolCall: toolOnTheWire(entry),
        options: [
          { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
          {
            optionId: 'always',
            name: 'Allow, and do not ask again in this session',
            kind: 'allow_always',
          },
          { optionId: 'no', name: 'Deny', kind: 'reject_once' },
        ],
      },
      this.signal,
    );
    this.signal.throwIfAborted();
    if (answer.outcome.outcome === 'cancelled') throw new TurnCancelled();
    if (answer.outcome.outcome !== 'selected') return 'refused';
    const { optionId } = answer.outcome;
    if (optionId === 'always' && entry.kind !== undefined)
      this.#parts.alwaysAllowed.add(entry.kind);
    return optionId === 'yes' || optionId === 'always' ? 'allowed' : 'refused';
  }

  /** The accepted content of a form, or null when it was declined or cannot be asked. */
  async form(message: string, schema: ElicitationSchema): Promise<Record<string, unknown> | null> {
    this.signal.throwIfAborted();
    const answer = await this.client.askForm(message, schema, this.signal);
    this.signal.throwIfAborted();
    if (answer.action === 'cancel') throw new TurnCancelled();
    if (answer.action !== 'accept' || !('content' in answer)) return null;
    return answerSchema.parse(answer.content ?? {});
  }

  async run(command: string, cwd: string): Promise<CommandResult> {
    return await this.#parts.children.run(command, cwd, this.signal);
  }

  /** Closes what is open, whatever became of the turn: no call stays in progress for ever. */
  async end(): Promise<void> {
    for (const toolCallId of [...this.#open.keys()]) {
      this.#keepChange(toolCallId, { status: 'failed' });
      await this.client.update({ sessionUpdate: 'tool_call_update', toolCallId, status: 'failed' });
    }
    this.#parts.save();
  }

  async #stream(say: 'agent' | 'thought', text: string): Promise<void> {
    this.#begin(say);
    for (const word of text.match(/\S+\s*|\s+/g) ?? []) {
      await this.#text(say, word);
      await this.pause(CHUNK_MS);
    }
    this.#parts.save();
  }

  #begin(say: 'agent' | 'thought'): void {
    this.#saying = say;
    this.#messageId = this.newId();
  }

  async #text(say: 'agent' | 'thought', text: string): Promise<void> {
    this.signal.throwIfAborted();
    this.#tokens += Math.ceil(text.length / 4);
    addText(this.#parts.conversation.entries, say, this.#messageId, text);
    await this.update({
      sessionUpdate: say === 'agent' ? 'agent_message_chunk' : 'agent_thought_chunk',
      messageId: this.#messageId,
      content: { type: 'text', text },
    });
  }

  async #usage(): Promise<void> {
    const used = this.#tokens;
    await this.update({
      sessionUpdate: 'usage_update',
      used,
      size: 200_000,
      cost: { amount: Math.round(used * 0.3) / 100_000, currency: 'USD' },
    });
  }

  #keepChange(toolCallId: string, change: ToolChange): void {
    const entry = this.#open.get(toolCallId);
    if (entry === undefined) return;
    Object.assign(entry, change);
    if (entry.status === 'completed' || entry.status === 'failed') this.#open.delete(toolCallId);
  }
}
