import type { RpcError } from '../../../protocol/envelope.ts';
import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import { BY_HOST } from '../../../protocol/session/reduce.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { AgentProfile } from '../profile.ts';
import type { AcpBook, Place } from './acp-book.ts';
import { agentOptions } from './acp-events.ts';
import type { Attached, Outgoing } from './acp-memo.ts';
import { AcpModes, type ModesNeeds } from './acp-modes.ts';
import type { AcpReplays } from './acp-replay.ts';
import type { AcpOwn } from './acp-own.ts';
import {
  initializeResultSchema,
  loadSessionResultSchema,
  newSessionResultSchema,
  setOptionResultSchema,
} from './acp-schema.ts';
import { tellAnew } from './acp-recap.ts';
import { AcpSettings, lostSettings } from './acp-settings.ts';
import type { AcpTurns, Answer } from './acp-turns.ts';

const ACP_VERSION = 1;

export interface AnswersNeeds extends Pick<ModesNeeds, 'undoes' | 'cancel' | 'lose'> {
  readonly book: AcpBook;
  readonly turns: AcpTurns;
  readonly replays: AcpReplays;
  readonly own: Pick<AcpOwn, 'opening' | 'started'>;
  profile(instance: InstanceId): AgentProfile | null;
  /** The session may take its next prompt, or has lost its agent. */
  settled(tx: LogWriter, sessionId: SessionId): void;
  /** It has answered whether it is there. */
  pinged(instance: InstanceId): void;
  end(tx: LogWriter, instance: InstanceId): void;
  /** Ends the process; what was not open on it yet begins anew with another. */
  startAgain(tx: LogWriter, instance: InstanceId): void;
}

/** What the agent's answers to our requests mean. */
export class AcpAnswers {
  readonly #needs: AnswersNeeds;
  readonly modes: AcpModes;
  readonly #settings: AcpSettings;

  constructor(needs: AnswersNeeds) {
    this.#needs = needs;
    this.modes = new AcpModes({
      ...needs,
      started: this.#started.bind(this),
      fail: this.fail.bind(this),
    });
    this.#settings = new AcpSettings({
      book: needs.book,
      done: (tx, instance, attached) => this.modes.prove(tx, instance, attached),
    });
  }

  take(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId | null,
    outgoing: Outgoing,
    answer: Answer,
  ): void {
    if (outgoing.kind === 'initialize') return this.#onInitialized(tx, instance, answer);
    if (outgoing.kind === 'ping') return this.#needs.pinged(instance);
    if (sessionId === null) return this.#onUnwanted(tx, instance, outgoing, answer);
    const place = this.#needs.book.place(sessionId, tx);
    if (place === null || place.instance !== instance) return;
    switch (outgoing.kind) {
      case 'open':
        return this.#onOpened(tx, instance, place.attached, answer);
      case 'mode':
        return this.modes.answered(tx, instance, place.attached, outgoing, answer);
      case 'setting':
        return this.#settings.answered(tx, instance, place.attached, outgoing, answer);
      case 'option':
        return this.#onOption(tx, place, outgoing, answer);
      case 'prompt':
        return this.#needs.turns.answered(tx, instance, place.attached, outgoing.turn, answer);
      case 'close':
        return;
    }
  }

  /** Its session was taken off meanwhile: what the agent opened for it is closed again. */
  #onUnwanted(tx: LogWriter, instance: InstanceId, outgoing: Outgoing, answer: Answer): void {
    const fresh = newSessionResultSchema.safeParse(answer.result);
    if (outgoing.kind === 'open' && fresh.success)
      this.closeSession(tx, instance, fresh.data.sessionId);
  }

  /** Has the agent forget a session, where it knows how. */
  closeSession(tx: LogWriter, instance: InstanceId, agentSession: string): void {
    const memo = this.#needs.book.memo(instance, tx);
    if (memo?.agent?.close !== true || memo.ending) return;
    const params = { sessionId: agentSession };
    this.#needs.book.request(tx, instance, null, 'session/close', params, { kind: 'close' });
  }

  /** Opens a session on an initialized process: a new one of the agent's, or the one it had. */
  openSession(tx: LogWriter, instance: InstanceId, attached: Attached): void {
    const { book } = this.#needs;
    const agent = book.memo(instance, tx)?.agent;
    const { sessionId, cwd, agentSession, adopting } = attached;
    const loading =
      agentSession !== null &&
      agent?.load === true &&
      this.#needs.profile(instance)?.canLoad === true;
    if (adopting && !loading) return this.fail(tx, instance, sessionId, CANNOT_LOAD);
    if (adopting) this.#needs.replays.begin(tx, sessionId);
    const isAnew = agentSession !== null && !loading;
    if (isAnew) tellAnew(tx, sessionId, 'This agent cannot take up its earlier conversation.');
    book.setAttached(tx, instance, {
      ...attached,
      phase: 'opening',
      loading,
      recap: attached.recap || isAnew,
      agentSession: loading ? agentSession : null,
    });
    this.#needs.own.opening(tx, instance, sessionId);
    const meta = this.#needs.profile(instance)?.sessionMeta;
    const params = {
      cwd,
      mcpServers: [],
      ...(loading && { sessionId: agentSession }),
      ...(meta && { _meta: meta }),
    };
    book.request(tx, instance, sessionId, loading ? 'session/load' : 'session/new', params, {
      kind: 'open',
    });
  }

  #onInitialized(tx: LogWriter, instance: InstanceId, answer: Answer): void {
    const parsed = initializeResultSchema.safeParse(answer.result);
    const { book } = this.#needs;
    const waiting = book.memo(instance, tx)?.attached ?? [];
    if (
      answer.error !== undefined ||
      !parsed.success ||
      parsed.data.protocolVersion !== ACP_VERSION
    ) {
      const problem = answer.error
        ? this.#needs.turns.problemOf(instance, answer.error)
        : versionProblem(parsed.data?.protocolVersion);
      for (const { sessionId } of waiting) this.fail(tx, instance, sessionId, problem);
      return this.#needs.end(tx, instance);
    }
    const { agentInfo, agentCapabilities: can } = parsed.data;
    book.change(tx, instance, (memo) => ({
      ...memo,
      agent: {
        name: agentInfo?.title ?? agentInfo?.name ?? this.#needs.profile(instance)?.name ?? '',
        version: agentInfo?.version ?? '',
        load: can.loadSession,
        images: can.promptCapabilities.image,
        close: can.sessionCapabilities.close !== undefined,
      },
    }));
    for (const attached of waiting) this.openSession(tx, instance, attached);
  }

  #onOpened(tx: LogWriter, instance: InstanceId, attached: Attached, answer: Answer): void {
    const { sessionId, loading, adopting } = attached;
    if (answer.error !== undefined) {
      const problem = this.#needs.turns.problemOf(instance, answer.error);
      if (loading && !adopting && problem.kind !== 'signIn')
        return this.#openAnew(tx, instance, attached, answer.error);
      return this.fail(tx, instance, sessionId, problem);
    }
    const loaded = loading ? loadSessionResultSchema.safeParse(answer.result) : null;
    const fresh = loading ? null : newSessionResultSchema.safeParse(answer.result);
    const settings = loaded?.data ?? fresh?.data;
    const agentSession = fresh?.data?.sessionId ?? attached.agentSession;
    if (settings === undefined || agentSession === null)
      return this.fail(tx, instance, sessionId, {
        kind: 'garbage',
        message: 'The agent answered the start of the session with something that cannot be read.',
      });
    const options = agentOptions(settings.configOptions ?? []);
    const had = loading ? (tx.state(sessionId)?.options ?? []) : [];
    const lost = lostSettings(had, options);
    const told = this.modes.toldBy(instance, attached, settings.configOptions ?? []);
    const opened: Attached = { ...attached, agentSession, phase: 'mode', settings: lost, told };
    this.#needs.book.setAttached(tx, instance, opened);
    if (settings.configOptions !== undefined)
      tx.append(sessionId, { type: 'options.changed', options });
    this.#settings.goOn(tx, instance, opened);
  }

  /** The agent lost its session: a fresh one, and the person is told. */
  #openAnew(tx: LogWriter, instance: InstanceId, attached: Attached, error: RpcError): void {
    const said = error.message.slice(0, 200);
    const why = `The agent could not take up its earlier conversation (${said}).`;
    tellAnew(tx, attached.sessionId, why);
    this.openSession(tx, instance, { ...attached, agentSession: null, recap: true });
  }

  #onOption(
    tx: LogWriter,
    { instance, attached }: Place,
    { resetsMode }: Extract<Outgoing, { kind: 'option' }>,
    answer: Answer,
  ): void {
    const { sessionId, mode } = attached;
    if (resetsMode)
      this.modes.request(tx, instance, attached, { mode, by: BY_HOST, opening: false });
    const parsed = setOptionResultSchema.safeParse(answer.result);
    if (answer.error !== undefined)
      tx.append(sessionId, {
        type: 'notice',
        level: 'warning',
        text: `The agent refused the setting: ${answer.error.message.slice(0, 200)}`,
        by: 'host',
      });
    else if (parsed.success && parsed.data.configOptions !== undefined)
      tx.append(sessionId, {
        type: 'options.changed',
        options: agentOptions(parsed.data.configOptions),
      });
  }

  #started(tx: LogWriter, instance: InstanceId, attached: Attached, native: string): void {
    const { sessionId, agentSession, loading, adopting } = attached;
    const memo = this.#needs.book.memo(instance, tx);
    if (!memo?.agent || agentSession === null) return;
    const { agent, sandbox } = memo;
    const history = adopting ? this.#needs.replays.whole(tx, sessionId) : [];
    if (history === null) return this.#needs.startAgain(tx, instance);
    // With `agent.started`, or not at all: that is how it is known to be here.
    for (const body of history) tx.append(sessionId, body);
    this.#needs.book.setAttached(tx, instance, { ...attached, phase: 'ready', adopting: false });
    this.modes.changed(tx, instance, sessionId, native, { by: attached.by });
    tx.append(sessionId, {
      type: 'agent.started',
      instance,
      name: agent.name,
      version: agent.version,
      agentSession,
      loaded: loading,
      accepts: { images: agent.images, load: agent.load },
      ...(sandbox !== null && { sandbox }),
    });
    this.#needs.own.started(tx, instance, sessionId);
    this.#needs.settled(tx, sessionId);
  }

  /** The session could not be opened. Its process ends when it was the only one. */
  fail(tx: LogWriter, instance: InstanceId, sessionId: SessionId, problem: Problem): void {
    const { book } = this.#needs;
    const agentSession = book.place(sessionId, tx)?.attached.agentSession ?? null;
    book.detach(tx, instance, sessionId);
    tx.append(sessionId, { type: 'session.failed', problem });
    if (book.memo(instance, tx)?.attached.length === 0) this.#needs.end(tx, instance);
    else if (agentSession !== null) this.closeSession(tx, instance, agentSession);
  }
}

const CANNOT_LOAD: Problem = {
  kind: 'other',
  message: 'The agent cannot take up a conversation that was begun before.',
};

function versionProblem(version: number | undefined): Problem {
  const said = version === undefined ? 'something that cannot be read' : `version ${version}`;
  return {
    kind: 'garbage',
    message: `The agent does not speak ACP version ${ACP_VERSION}: it answered with ${said}.`,
  };
}
