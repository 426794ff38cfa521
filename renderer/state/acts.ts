import { z } from 'zod';
import { assertNever } from '../../src/base/assert-never.ts';
import type { Unsigned } from '../../src/connection/device/sign-decision.ts';
import type { Approval } from '../../src/protocol/approval/approval.ts';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { CommandId, SessionId } from '../../src/protocol/ids.ts';
import { START_TIMEOUT_MS, WORKTREE_TIMEOUT_MS } from '../../src/protocol/limits.ts';
import type { Params, Result } from '../../src/protocol/methods.ts';
import { modeSchema, type Mode } from '../../src/protocol/mode.ts';
import type { Rule } from '../../src/protocol/rules/rule.ts';
import type { PromptPart } from '../../src/protocol/transcript/content.ts';
import type { HostLink } from './host-link.ts';
import type { Shell } from './shell.ts';
import { newCommandId } from './uuid.ts';
import { goTo, showToast } from './view-store.ts';

/** An adapter is 100 to 460 MB; slow lines are not an error. */
const INSTALL_LIMIT_MS = 30 * 60_000;
/** The host answers after 60 s at the latest; this is for the way. */
const START_LIMIT_MS = START_TIMEOUT_MS + 10_000;
/** The agent is started, and says again all that was said. */
const ADOPT_LIMIT_MS = 3 * START_TIMEOUT_MS;

/** `reason` and `edited` go with a refusal, `rule` is saved with an allowance. */
export type Decision =
  | {
      readonly allow: boolean;
      readonly reason?: string;
      readonly edited?: unknown;
      readonly rule?: Rule;
    }
  /** One of the agent's own options; `allows` is what it means, for the words. */
  | { readonly optionId: string; readonly allows: boolean };
export type Answered = Result<'approval.decide'>;
/** Keeps a prompt until the host has it: on a phone, which may be without a network. */
export interface PromptOutbox {
  /** Resolves once the prompt is kept; what becomes of it is told elsewhere. */
  send(sessionId: SessionId, prompt: PromptPart[]): Promise<void>;
}

/** Binds what is decided to the call on screen and to this device; a surface of this machine needs none. */
export interface Signer {
  /** Rejects, in words, when it cannot; nothing may be sent then. */
  decide(
    approval: Approval,
    decision: Unsigned<'approval.decide'>,
  ): Promise<Params<'approval.decide'>>;
  answer(
    approval: Approval,
    decision: Unsigned<'approval.answer'>,
  ): Promise<Params<'approval.answer'>>;
}

/** As it was shown, by its hash. */
const UNSIGNED: Signer = {
  decide: async ({ id, hash }, decision) => ({ ...decision, approvalId: id, hash }),
  answer: async ({ id, hash }, decision) => ({ ...decision, approvalId: id, hash }),
};

/** `raises`: it must be meant. `changed`: another mode than the one seen is in force. */
const obstacleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('raises') }),
  z.object({ kind: z.literal('changed'), mode: modeSchema.nullable().catch(null) }),
]);
export type ModeSet = z.infer<typeof obstacleSchema> | { readonly kind: 'set' | 'failed' };

const NO_DECISION: {
  optionId?: string;
  allow: boolean;
  reason?: string;
  edited?: unknown;
  rule?: Rule;
} = { allow: false };

export type Life = 'cancel' | 'stop' | 'resume' | 'continue' | 'restart' | 'archive' | 'unarchive';

/** Everything a person can do, as one call each. What fails without a place of its own becomes a toast. */
export class Acts {
  readonly #link: HostLink;
  readonly #bridge: Shell | null;
  readonly #outbox: PromptOutbox | null;
  readonly #signer: Signer;

  constructor(
    link: HostLink,
    bridge: Shell | null,
    outbox: PromptOutbox | null = null,
    signer: Signer = UNSIGNED,
  ) {
    this.#link = link;
    this.#bridge = bridge;
    this.#outbox = outbox;
    this.#signer = signer;
  }

  /** Prompts are taken without a connection too. */
  get sendsLater(): boolean {
    return this.#outbox !== null;
  }

  /** Throws when refused, so that the draft stays where it is. */
  async send(sessionId: SessionId, prompt: PromptPart[]): Promise<void> {
    if (this.#outbox !== null) return await this.#outbox.send(sessionId, prompt);
    await this.#link.call('session.send', { commandId: newCommandId(), sessionId, prompt });
  }

  async start(params: Omit<Params<'session.start'>, 'commandId'>): Promise<SessionId> {
    const { sessionId } = await this.#link.call(
      'session.start',
      { ...params, commandId: newCommandId() },
      START_LIMIT_MS + (params.isolate === 'none' ? 0 : WORKTREE_TIMEOUT_MS),
    );
    // Only a list of suggestions: a failure there must not look like one of the session.
    this.#bridge?.call('rememberFolder', { folder: params.cwd }).catch(() => {});
    return sessionId;
  }

  /** Throws in words: the dialog that asks has the room to show why not. */
  async adopt(params: Omit<Params<'session.adopt'>, 'commandId'>): Promise<SessionId> {
    const { sessionId } = await this.#link.call(
      'session.adopt',
      { ...params, commandId: newCommandId() },
      ADOPT_LIMIT_MS,
    );
    return sessionId;
  }

  async conversations(
    params: Params<'agents.conversations'>,
  ): Promise<Result<'agents.conversations'>> {
    return await this.#link.call('agents.conversations', params, ADOPT_LIMIT_MS);
  }

  async unqueue(sessionId: SessionId, prompt: CommandId): Promise<void> {
    await this.#orToast(
      this.#link.call('session.unqueue', { commandId: newCommandId(), sessionId, prompt }),
    );
  }

  async live(sessionId: SessionId, life: Life): Promise<void> {
    await this.#orToast(this.#asked(sessionId, life));
  }

  async rename(sessionId: SessionId, title: string): Promise<void> {
    await this.#orToast(
      this.#link.call('session.rename', { commandId: newCommandId(), sessionId, title }),
    );
  }

  /** What the person can settle comes back; anything else that fails becomes a toast. */
  async setMode(
    sessionId: SessionId,
    mode: Mode,
    { raise, version }: { readonly raise: boolean; readonly version: number },
  ): Promise<ModeSet> {
    try {
      await this.#link.call('session.setMode', {
        commandId: newCommandId(),
        sessionId,
        mode,
        version,
        ...(raise && { raise }),
      });
      return { kind: 'set' };
    } catch (error) {
      const obstacle = error instanceof RpcFailure ? obstacleSchema.safeParse(error.data) : null;
      if (obstacle?.success === true) return obstacle.data;
      showToast(error instanceof Error ? error.message : String(error));
      return { kind: 'failed' };
    }
  }

  async setOption(sessionId: SessionId, option: string, value: string | boolean): Promise<void> {
    await this.#orToast(
      this.#link.call('session.setOption', { commandId: newCommandId(), sessionId, option, value }),
    );
  }

  async decide(approval: Approval, decision: Decision): Promise<Answered> {
    const { optionId, allow, reason, edited, rule } = { ...NO_DECISION, ...decision };
    const params = {
      commandId: newCommandId(),
      choice: optionId === undefined ? { allow } : { optionId },
      ...(reason !== undefined && reason !== '' && { reason }),
      ...(edited !== undefined && { edited }),
      ...(rule !== undefined && { rule }),
    };
    return await this.#link.call('approval.decide', await this.#signer.decide(approval, params));
  }

  async answer(approval: Approval, answer: Params<'approval.answer'>['answer']): Promise<Answered> {
    const params = { commandId: newCommandId(), answer };
    return await this.#link.call('approval.answer', await this.#signer.answer(approval, params));
  }

  async install(agent: string): Promise<void> {
    await this.#orToast(this.#link.call('agents.install', { agent }, INSTALL_LIMIT_MS));
    await this.#orToast(this.#link.loadAgents());
  }

  async startHost(): Promise<void> {
    if (this.#bridge !== null) await this.#orToast(this.#bridge.call('startHost', {}));
    this.#link.retryNow();
  }

  openExternal(url: string): void {
    if (this.#bridge !== null) void this.#orToast(this.#bridge.call('openExternal', { url }));
    else window.open(url, '_blank', 'noopener,noreferrer');
  }

  show(sessionId: SessionId): void {
    this.#link.open(sessionId);
    goTo({ name: 'session', sessionId });
  }

  home(): void {
    this.#link.open(null);
    goTo({ name: 'home' });
  }

  #asked(sessionId: SessionId, life: Life): Promise<unknown> {
    const target = { commandId: newCommandId(), sessionId };
    switch (life) {
      case 'cancel':
        return this.#link.call('session.cancel', target);
      case 'stop':
        return this.#link.call('session.stop', target);
      case 'resume':
        return this.#link.call('session.resume', target, START_LIMIT_MS);
      case 'continue':
        return this.#link.call('session.continue', target, START_LIMIT_MS);
      case 'restart':
        return this.#link.call('session.restart', target, START_LIMIT_MS);
      case 'archive':
        return this.#link.call('session.archive', target);
      case 'unarchive':
        return this.#link.call('session.archive', { ...target, archived: false });
      default:
        return assertNever(life, 'life');
    }
  }

  async #orToast(doing: Promise<unknown>): Promise<void> {
    try {
      await doing;
    } catch (error) {
      showToast(error instanceof Error ? error.message : String(error));
    }
  }
}
