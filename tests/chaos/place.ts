import { RpcFailure } from '../../src/protocol/errors.ts';
import type { Approval } from '../../src/protocol/approval/approval.ts';
import type { CommandId, SessionId } from '../../src/protocol/ids.ts';
import { reduce } from '../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../src/protocol/session/state.ts';
import { firstChoices } from '../integration/support/first-choices.ts';
import { newCommandId, text } from '../integration/support/host-under-test.ts';
import type { ChaosSurface } from './chaos-surface.ts';
import type { Prompt, Step } from './plan.ts';

const LOOK_MS = 60;
/** A turn of any script is over by then, once nothing is killed any more; before, there is no saying. */
const SETTLE_LIMIT_MS = 180_000;

export interface PlaceNeeds {
  readonly name: string;
  readonly agent: string;
  readonly cwd: string;
  readonly steps: Iterator<Step, never>;
  /** The first one asks; the second contests; all follow. */
  readonly surfaces: readonly [ChaosSurface, ChaosSurface, ChaosSurface];
  readonly isOver: () => boolean;
  note(text: string): void;
}

/** A session at work, and the next one where somebody archives it. */
export class Place {
  readonly #needs: PlaceNeeds;
  /** What was asked of each session and accepted. */
  readonly asked = new Map<SessionId, Map<CommandId, Prompt>>();
  readonly #decided = new Set<string>();
  #sessionId: SessionId | null = null;
  #fold: { readonly id: SessionId; state: SessionState | null; upTo: number } | null = null;

  constructor(needs: PlaceNeeds) {
    this.#needs = needs;
  }

  get name(): string {
    return this.#needs.name;
  }

  get sessionId(): SessionId | null {
    return this.#sessionId;
  }

  /** The state as the first surface has it. */
  get state(): SessionState | null {
    const id = this.#sessionId;
    if (id === null) return null;
    if (this.#fold?.id !== id) this.#fold = { id, state: null, upTo: 0 };
    const events = this.#needs.surfaces[0].recording.seen(id);
    const fold = this.#fold;
    for (; fold.upTo < events.length; fold.upTo += 1) {
      const event = events[fold.upTo];
      if (event !== undefined) fold.state = reduce(fold.state, event);
    }
    return fold.state;
  }

  async run(): Promise<void> {
    while (!this.#needs.isOver()) {
      if (this.#sessionId === null) await this.#begin();
      else await this.#play(this.#needs.steps.next().value);
      await this.#settle();
    }
  }

  /** One last prompt, which must be answered. */
  async sayHello(prompt: string): Promise<string | null> {
    await this.#settle();
    if (this.#sessionId === null) await this.#begin();
    const id = this.#sessionId;
    if (id === null) return 'it has no session';
    const [surface] = this.#needs.surfaces;
    const before = this.state?.turn?.turn ?? 0;
    await surface.call('session.send', {
      sessionId: id,
      commandId: newCommandId(),
      prompt: text(prompt),
    });
    await this.#until(({ turn }) => (turn?.turn ?? 0) > before);
    await this.#settle();
    const turn = this.state?.turn;
    return turn?.outcome === 'completed'
      ? null
      : `the last prompt ended ${turn?.outcome}: ${JSON.stringify(this.state?.problem)}`;
  }

  async #begin(): Promise<void> {
    const { agent, cwd, surfaces } = this.#needs;
    const commandId = newCommandId();
    try {
      const params = { commandId, agent, cwd };
      const { sessionId } = await surfaces[0].call('session.start', params);
      await this.#take(sessionId);
    } catch (error) {
      if (!(error instanceof RpcFailure)) throw error;
      // Its agent died while it started: the session is there all the same.
      const found = sessionOf(error);
      this.#needs.note(`${this.name}: start refused: ${error.message}`);
      if (found !== null) await this.#take(found);
    }
  }

  async #take(sessionId: SessionId): Promise<void> {
    this.asked.set(sessionId, new Map());
    for (const surface of this.#needs.surfaces) await follow(surface, sessionId);
    this.#sessionId = sessionId;
  }

  async #play({ prompts, cancelAfterMs }: Step): Promise<void> {
    const sessionId = this.#sessionId;
    if (sessionId === null) return;
    const [surface] = this.#needs.surfaces;
    for (const prompt of prompts) {
      const commandId = newCommandId();
      const params = { sessionId, commandId, prompt: text(prompt.text) };
      const isAccepted = await this.#tried(async () => await surface.call('session.send', params));
      if (isAccepted) this.asked.get(sessionId)?.set(commandId, prompt);
    }
    if (cancelAfterMs === null) return;
    await new Promise((resolve) => setTimeout(resolve, cancelAfterMs));
    const commandId = newCommandId();
    await this.#tried(async () => await surface.call('session.cancel', { sessionId, commandId }));
  }

  /** Decides what it is asked, and lets go on what is held, until the session has nothing to do. */
  async #settle(): Promise<void> {
    const sessionId = this.#sessionId;
    if (sessionId === null) return;
    const [surface] = this.#needs.surfaces;
    await this.#until(async (state) => {
      // Put away, or its folder is gone: here nothing goes on.
      if (state.archived || state.worktreeState === 'discarded') {
        this.#sessionId = null;
        return true;
      }
      for (const approval of state.approvals) await this.#decide(sessionId, approval);
      const isQuiet = state.turn === null || state.turn.endedAt !== null;
      if (state.held || state.state === 'failed') {
        const commandId = newCommandId();
        await this.#tried(
          async () => await surface.call('session.resume', { sessionId, commandId }),
        );
        return false;
      }
      return (
        isQuiet && state.queue.length === 0 && (state.state === 'idle' || state.state === 'ended')
      );
    });
  }

  async #until(fits: (state: SessionState) => boolean | Promise<boolean>): Promise<void> {
    let until = Infinity;
    for (;;) {
      const { state } = this;
      if (state !== null && (await fits(state))) return;
      if (until === Infinity && this.#needs.isOver()) until = Date.now() + SETTLE_LIMIT_MS;
      if (Date.now() > until)
        throw new Error(`${this.name} does not settle: ${JSON.stringify(this.state)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async #decide(sessionId: SessionId, approval: Approval): Promise<void> {
    if (this.#decided.has(approval.id)) return;
    this.#decided.add(approval.id);
    const [surface, other] = this.#needs.surfaces;
    const about = { approvalId: approval.id, hash: approval.hash };
    if (approval.kind === 'question') {
      const answer = { content: firstChoices(approval.call.input) };
      const params = { commandId: newCommandId(), ...about, answer };
      await this.#tried(async () => await surface.call('approval.answer', params));
      return;
    }
    const { allow, contested } = this.#promptOf(sessionId, approval);
    const decide = async (by: ChaosSurface, choice: { allow: boolean }): Promise<boolean> => {
      const params = { commandId: newCommandId(), ...about, choice };
      return await this.#tried(async () => await by.call('approval.decide', params));
    };
    await Promise.all([
      decide(surface, { allow }),
      ...(contested ? [decide(other, { allow: !allow })] : []),
    ]);
  }

  #promptOf(sessionId: SessionId, { call }: Approval): { allow: boolean; contested: boolean } {
    const input = JSON.stringify(call.input);
    const prompts = [...(this.asked.get(sessionId)?.values() ?? [])];
    return (
      prompts.find(
        ({ marker }) => input.includes(`${marker} `) || input.includes(`${marker}.txt`),
      ) ?? {
        allow: true,
        contested: false,
      }
    );
  }

  /** False when the host refused. */
  async #tried(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof RpcFailure)) throw error;
      this.#needs.note(`${this.name}: refused: ${error.message}`);
      return false;
    }
  }
}

async function follow(surface: ChaosSurface, sessionId: SessionId): Promise<void> {
  for (;;) {
    try {
      return await surface.recording.follow(sessionId);
    } catch (error) {
      if (error instanceof RpcFailure) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

/** A start that failed names the session it made. */
function sessionOf({ data }: RpcFailure): SessionId | null {
  if (typeof data !== 'object' || data === null || !('sessionId' in data)) return null;
  // The host's own id.
  return typeof data.sessionId === 'string' ? (data.sessionId as SessionId) : null;
}
