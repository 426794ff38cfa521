import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import type { Mode } from '../../../protocol/mode.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import { BY_HOST } from '../../../protocol/session/reduce.ts';
import type { Drift } from '../driver.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import { oursOf, type AgentProfile, type ModeMeans } from '../profile.ts';
import type { AcpBook } from './acp-book.ts';
import { isModeOption } from './acp-events.ts';
import type { Attached, Outgoing } from './acp-memo.ts';
import { setOptionResultSchema, type ConfigOption } from './acp-schema.ts';
import type { Answer } from './acp-turns.ts';

/** How often in one turn an agent is put back; after that its turn is cancelled. */
const MAX_UNDONE = 3;

export interface ModesNeeds {
  readonly book: AcpBook;
  profile(instance: InstanceId): AgentProfile | null;
  /** The mode of an opening session is proven. */
  started(tx: LogWriter, instance: InstanceId, attached: Attached, native: string): void;
  /** The session could not be opened. */
  fail(tx: LogWriter, instance: InstanceId, sessionId: SessionId, problem: Problem): void;
  /** Whether a mode that the agent went into by itself is put back. */
  undoes(tx: LogWriter, drift: Drift): boolean;
  cancel(tx: LogWriter, sessionId: SessionId): void;
  /** Takes the session off an agent that cannot be kept in its mode. */
  lose(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void;
}

type Asked = Extract<Outgoing, { kind: 'mode' }>;

/**
 * Which mode an agent is in: asked for, read back, and put back where policy says so when the agent
 * leaves it by itself.
 */
export class AcpModes {
  readonly #needs: ModesNeeds;

  constructor(needs: ModesNeeds) {
    this.#needs = needs;
  }

  /** Whether a change to the agent's mode `native`, or to any, is under way. */
  isSetting(instance: InstanceId, sessionId: SessionId, native?: string): boolean {
    return this.#needs.book
      .outgoing(instance)
      .some(
        (each) =>
          each.sessionId === sessionId &&
          each.outgoing.kind === 'mode' &&
          (native === undefined || each.outgoing.native === native),
      );
  }

  /** Asks the agent for a mode. Returns false when it has none of that name. */
  request(
    tx: LogWriter,
    instance: InstanceId,
    attached: Attached,
    wanted: Pick<Asked, 'mode' | 'by' | 'opening'> & Partial<Asked>,
  ): boolean {
    const means = this.#needs.profile(instance)?.modes;
    const native = means?.native[wanted.mode];
    if (means === undefined || native === undefined) return false;
    const asked = requestOf(means, native, attached);
    if (asked === null) return false;
    const { book } = this.#needs;
    book.setAttached(tx, instance, { ...attached, told: null });
    book.request(tx, instance, attached.sessionId, asked.method, asked.params, {
      again: false,
      ...wanted,
      kind: 'mode',
      native,
    });
    return true;
  }

  /** The mode is always set, whatever the agent says it is in, and counts only when it was taken. */
  prove(tx: LogWriter, instance: InstanceId, attached: Attached): void {
    const { mode, by, told, sessionId } = attached;
    const means = this.#needs.profile(instance)?.modes;
    const native = means?.native[mode];
    if (means === undefined || native === undefined)
      return this.#needs.fail(tx, instance, sessionId, modeProblem(mode));
    // The process itself proves it, unless the agent says that it came back in another of its modes.
    if (means.by === 'launch' && (told === null || told === native))
      return this.#needs.started(tx, instance, attached, native);
    if (!this.request(tx, instance, attached, { mode, by, opening: true }))
      this.#needs.fail(tx, instance, sessionId, modeProblem(mode));
  }

  /** The agent's answer to our request for a mode. */
  answered(
    tx: LogWriter,
    instance: InstanceId,
    before: Attached,
    asked: Asked,
    answer: Answer,
  ): void {
    const { told, sessionId } = before;
    const means = this.#needs.profile(instance)?.modes;
    const consents =
      answer.error === undefined && agrees(means, asked.native, before.mode, answer.result);
    const isOther = told !== null && told !== asked.native;
    // It may have gone there before it heard of ours: asked once more, it has no excuse.
    if (consents && isOther && !asked.again)
      return void this.request(tx, instance, before, { ...asked, again: true });
    const attached = { ...before, told: null };
    this.#needs.book.setAttached(tx, instance, attached);
    if (consents && !isOther) {
      if (asked.opening) return this.#needs.started(tx, instance, attached, asked.native);
      this.#needs.book.setAttached(tx, instance, { ...attached, mode: asked.mode });
      const { by, undoes } = asked;
      return this.changed(tx, instance, sessionId, asked.native, { by, isAsked: true, undoes });
    }
    const why = answer.error?.message.slice(0, 200) ?? (isOther ? `it went into ${told}` : null);
    if (asked.opening)
      return this.#needs.fail(tx, instance, sessionId, modeProblem(asked.mode, why));
    const text = `The agent did not take the mode ${asked.mode}: ${why ?? 'it stayed in its mode'}`;
    tx.append(sessionId, { type: 'notice', level: 'warning', text, by: BY_HOST });
    if (asked.undoes !== undefined) this.#lose(tx, instance, attached, asked.undoes);
  }

  /** Notes the mode in force. Who asked for it waits for the event, also where it was the same. */
  changed(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId,
    native: string,
    how: { by: string; isAsked?: boolean; undoes?: Mode | null | undefined },
  ): void {
    const state = tx.state(sessionId);
    const mode = oursOf(this.#needs.profile(instance), native);
    const isSame = state?.nativeMode === native && state.mode === mode;
    if (state === null || (isSame && how.isAsked !== true)) return;
    tx.append(sessionId, {
      type: 'mode.changed',
      mode,
      native,
      version: state.modeVersion + 1,
      by: how.by,
      ...(how.undoes !== undefined && { undoes: how.undoes }),
    });
  }

  /** The agent's options say in which mode it is, where it has an option for that. */
  toldBy(
    instance: InstanceId,
    attached: Attached,
    options: readonly ConfigOption[],
  ): string | null {
    const means = this.#needs.profile(instance)?.modes;
    return means === undefined ? null : nativeIn(means, attached.mode, options);
  }

  /** The agent says in which mode it is, unasked. */
  told(tx: LogWriter, instance: InstanceId, sessionId: SessionId, native: string): void {
    const state = tx.state(sessionId);
    const place = this.#needs.book.place(sessionId, tx);
    if (state === null || place === null) return;
    const isSetting = this.isSetting(instance, sessionId);
    const attached = isSetting ? { ...place.attached, told: native } : place.attached;
    if (isSetting) this.#needs.book.setAttached(tx, instance, attached);
    // A change that we asked for is noted by the answer to our request.
    const isExpected = isSetting && this.isSetting(instance, sessionId, native);
    if (attached.phase !== 'ready' || state.nativeMode === native || isExpected) return;
    const to = oursOf(this.#needs.profile(instance), native);
    const drift = { sessionId, from: state.mode, to };
    const isUndone = this.#needs.undoes(tx, drift);
    this.changed(tx, instance, sessionId, native, { by: 'agent' });
    if (isSetting) return;
    if (isUndone) this.#putBack(tx, instance, attached, to);
    else if (to !== null) this.#needs.book.setAttached(tx, instance, { ...attached, mode: to });
  }

  #putBack(tx: LogWriter, instance: InstanceId, attached: Attached, undoes: Mode | null): void {
    const { sessionId, mode } = attached;
    const turn = tx.state(sessionId)?.turn?.turn ?? 0;
    const times = attached.undone?.turn === turn ? attached.undone.times + 1 : 1;
    const noted = { ...attached, undone: { turn, times } };
    if (times > MAX_UNDONE + 1) return this.#lose(tx, instance, noted, undoes);
    const wanted = { mode, by: BY_HOST, opening: false, undoes };
    if (!this.request(tx, instance, noted, wanted)) return this.#lose(tx, instance, noted, undoes);
    if (times <= MAX_UNDONE) return;
    const text = `The agent left the mode ${mode} by itself ${times} times in this turn. It was put back, and its turn was cancelled.`;
    tx.append(sessionId, { type: 'notice', level: 'error', text, by: BY_HOST });
    this.#needs.cancel(tx, sessionId);
  }

  /** Its next process starts in the mode that it was to be in. */
  #lose(tx: LogWriter, instance: InstanceId, attached: Attached, undoes: Mode | null): void {
    const { sessionId, mode } = attached;
    const text = `The agent cannot be kept in the mode ${mode}, so its process was ended. It comes back in that mode with the next prompt.`;
    tx.append(sessionId, { type: 'notice', level: 'error', text, by: BY_HOST });
    const native = this.#needs.profile(instance)?.modes.native[mode] ?? mode;
    this.changed(tx, instance, sessionId, native, { by: BY_HOST, undoes });
    this.#needs.lose(tx, instance, sessionId);
  }
}

/** How a mode is asked for over ACP; null where it comes with the process alone. */
function requestOf(
  means: ModeMeans,
  native: string,
  { agentSession, mode }: Attached,
): { method: string; params: object } | null {
  if (means.by === 'setMode')
    return { method: 'session/set_mode', params: { sessionId: agentSession, modeId: native } };
  const option =
    means.by === 'option'
      ? { id: means.option, value: native }
      : means.native[mode] === native && means.within;
  if (!option) return null;
  return {
    method: 'session/set_config_option',
    params: { sessionId: agentSession, configId: option.id, value: option.value },
  };
}

/** The agent's own mode as its options tell it. */
function nativeIn(means: ModeMeans, mode: Mode, options: readonly ConfigOption[]): string | null {
  const id = means.by === 'option' ? means.option : means.by === 'launch' ? means.within?.id : null;
  const option = options.find((each) =>
    id === null || id === undefined ? isModeOption(each) : each.id === id,
  );
  if (option === undefined) return null;
  const current = String(option.currentValue);
  if (means.by !== 'launch') return current;
  if (means.within === undefined) return null;
  return current === means.within.value ? (means.native[mode] ?? current) : current;
}

/** Where an agent tells its options in the answer, they are the proof; else its consent is. */
function agrees(
  means: ModeMeans | undefined,
  native: string,
  mode: Mode,
  result: unknown,
): boolean {
  const parsed = setOptionResultSchema.safeParse(result);
  const options = parsed.success ? parsed.data.configOptions : undefined;
  if (means === undefined || options === undefined) return true;
  const told = nativeIn(means, mode, options);
  return told === null || told === native;
}

function modeProblem(mode: string, why: string | null = 'it has no such mode'): Problem {
  const words = why ?? 'it stayed in its mode';
  return {
    kind: 'mode',
    message: `The agent cannot prove that it is in the mode ${mode}: ${words}.`,
    fix: 'Start the session in another mode.',
  };
}
