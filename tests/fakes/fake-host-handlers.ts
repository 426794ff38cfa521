import { RpcFailure } from '../../src/protocol/errors.ts';
import type { MethodName, ParsedParams, Result } from '../../src/protocol/methods.ts';
import { summaryOf } from '../../src/protocol/session/state.ts';
import { OLDEST_SUPPORTED_VERSION, PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { attentionHandlers } from './fake-attention.ts';
import { powerHandlers } from './fake-power.ts';
import { standingHandlers } from './fake-standing.ts';
import type { FakeConnection, FakeHost } from './fake-host.ts';

type Handler<M extends MethodName> = (
  params: ParsedParams<M>,
  connection: FakeConnection,
) => Result<M> | Promise<Result<M>>;
/** One handler for each row of the table: a missing one does not compile. */
export type FakeHandlers = { [M in MethodName]: Handler<M> };

export function fakeHandlers(host: FakeHost): FakeHandlers {
  const decide = (
    approvalId: string,
    hash: string,
    allowed: boolean,
    optionId: string | null,
  ): Result<'approval.decide'> => {
    const approval = host.openApprovals().find(({ id }) => id === approvalId);
    if (approval === undefined)
      throw new RpcFailure('notFound', `There is no approval ${approvalId}.`);
    if (approval.hash !== hash) return { outcome: 'notThisCall', receipt: null };
    if (host.decision.outcome === 'decided')
      host.append(approval.sessionId, {
        type: 'approval.decided',
        approvalId: approval.id,
        optionId,
        allowed,
        by: 'cli',
      });
    return host.decision;
  };
  const agent = (id: string): { entry: Result<'agents.install'>['entry'] } => {
    const entry = host.agents.find((candidate) => candidate.id === id);
    if (entry === undefined)
      throw new RpcFailure('notFound', `There is no agent ${id}: porchlight agents lists them.`);
    return { entry };
  };
  return {
    hello: ({ protocol }) => {
      if (protocol < OLDEST_SUPPORTED_VERSION || protocol > PROTOCOL_VERSION)
        throw new RpcFailure(
          'wrongVersion',
          `This host speaks protocol ${PROTOCOL_VERSION}, the surface ${protocol}.`,
        );
      return {
        protocol: PROTOCOL_VERSION,
        version: host.status.version,
        home: '/fake',
        epoch: host.epoch,
      };
    },
    'host.status': () => ({ ...host.status, sessions: host.sessions.size }),
    'host.stop': (_params, connection) => {
      queueMicrotask(() => connection.notify('host.stopping', { reason: 'asked' }));
      return {};
    },
    'host.serveUi': () => ({ url: 'http://127.0.0.1:1/#token', expiresAt: host.now() }),
    'agents.list': () => ({ agents: host.agents }),
    'agents.install': ({ agent: id }, connection) => {
      connection.notify('agents.installing', {
        agent: id,
        step: 'downloading',
        message: 'half of it',
        bytes: 5,
        totalBytes: 10,
      });
      return agent(id);
    },
    'agents.remove': ({ agent: id }) => agent(id),
    'session.start': ({ commandId, agent: id, cwd, mode, title, prompt }) => {
      const sessionId = host.addSession({
        agent: id ?? 'demo',
        cwd,
        mode,
        title: title ?? 'A session',
      });
      if (prompt !== undefined)
        host.append(sessionId, { type: 'prompt.queued', commandId, prompt, by: 'cli' });
      return { sessionId, cwd, worktree: null };
    },
    'session.list': ({ archived }) => ({
      sessions: [...host.sessions.values()]
        .map(({ state }) => summaryOf(state))
        .filter((row) => archived || !row.archived),
      problems: host.problems,
    }),
    'session.show': ({ sessionId }) => {
      const { state } = host.session(sessionId);
      return { session: state, turns: state.turn === null ? [] : [state.turn] };
    },
    'session.send': ({ sessionId, commandId, prompt }) => {
      const position = host.session(sessionId).state.queue.length;
      host.append(sessionId, { type: 'prompt.queued', commandId, prompt, by: 'cli' });
      return { commandId, position };
    },
    'session.unqueue': ({ sessionId, prompt }) => {
      host.append(sessionId, { type: 'prompt.dropped', commandId: prompt, by: 'cli' });
      return {};
    },
    'session.cancel': ({ sessionId }) => ({ state: host.session(sessionId).state.state }),
    'session.stop': ({ sessionId }) => {
      host.append(sessionId, { type: 'session.ended', by: 'cli' });
      return { state: host.session(sessionId).state.state };
    },
    'session.continue': ({ sessionId, commandId }) => {
      const prompt = [{ type: 'text' as const, text: 'Go on.' }];
      host.append(sessionId, { type: 'prompt.queued', commandId, prompt, by: 'cli' });
      return { commandId, position: 0 };
    },
    'session.changes': () => host.changes,
    'session.land': ({ sessionId, way }) => {
      const { base, commits } = host.changes;
      const landed = { base: base ?? 'main', commit: '0'.repeat(40), commits };
      host.append(sessionId, { type: 'worktree.landed', way, ...landed, by: 'cli' });
      return { outcome: 'landed', ...landed, conflicts: [] };
    },
    'session.discard': ({ sessionId }) => {
      host.append(sessionId, { type: 'worktree.discarded', keptAs: null, by: 'cli' });
      return { keptAs: null };
    },
    'agents.conversations': ({ agent: id }) => ({
      agent: id ?? 'demo',
      conversations: host.conversations,
    }),
    'session.adopt': ({ agent: id, cwd, mode }) => ({
      sessionId: host.addSession({
        agent: id ?? 'demo',
        cwd: cwd ?? '/',
        ...(mode && { mode }),
        title: 'Adopted',
      }),
    }),
    'folder.look': ({ path }) => ({ path, git: null, sessions: [], ...host.looks.get(path) }),
    'host.backup': ({ path }) => ({ path, bytes: 0, sessions: host.sessions.size }),
    'session.resume': ({ sessionId }) => ({ state: host.session(sessionId).state.state }),
    'session.archive': ({ sessionId, archived }) => {
      host.append(sessionId, { type: 'session.archived', archived, by: 'cli' });
      return { state: host.session(sessionId).state.state };
    },
    'session.rename': ({ sessionId, title }) => {
      host.append(sessionId, { type: 'session.titled', title, by: 'cli' });
      return {};
    },
    'session.setMode': ({ sessionId, mode }) => {
      const version = host.session(sessionId).state.modeVersion + 1;
      host.append(sessionId, { type: 'mode.changed', mode, native: mode, version, by: 'cli' });
      return { mode, version };
    },
    'session.setOption': () => ({}),
    'session.follow': ({ sessionId, cursor, epoch }, connection) =>
      host.follow(connection, sessionId, cursor, epoch),
    'session.unfollow': ({ sessionId }, connection) => {
      connection.following.delete(sessionId);
      return {};
    },
    'session.events': ({ sessionId, after = 0, before, limit }) => {
      const { events } = host.session(sessionId);
      if (before !== undefined) {
        const page = events.filter((event) => event.seq < before).slice(-limit);
        return { events: page, more: (page[0]?.seq ?? 1) > 1 };
      }
      const page = events.slice(after, after + limit);
      return { events: page, more: after + page.length < events.length };
    },
    'desk.follow': (_params, connection) => {
      connection.desk = true;
      return {
        sessions: [...host.sessions.values()].map(({ state }) => summaryOf(state)),
        approvals: host.openApprovals(),
        problems: host.problems,
        night: host.standing.night,
        power: host.power.state,
        attention: host.attention.now,
        pulses: host.attention.pulses,
      };
    },
    'approval.list': ({ sessionId }) => ({
      approvals: host
        .openApprovals()
        .filter((approval) => sessionId === undefined || approval.sessionId === sessionId),
    }),
    'approval.decide': ({ approvalId, hash, choice }) =>
      'optionId' in choice
        ? decide(approvalId, hash, true, choice.optionId)
        : decide(approvalId, hash, choice.allow, choice.allow ? 'yes' : 'no'),
    'approval.answer': ({ approvalId, hash, answer }) =>
      decide(approvalId, hash, 'content' in answer, null),
    ...standingHandlers(host),
    ...powerHandlers(host),
    ...attentionHandlers(host),
    'passkey.options': notHere,
    'passkey.register': notHere,
    'passkey.request': notHere,
    'passkey.remove': notHere,
    'devices.setPerson': notHere,
    'audit.changeKey': notHere,
    'folder.list': ({ path = '/' }) => ({ path, parent: null, folders: [], git: false }),
    'folder.places': () => ({ recent: [], roots: [] }),
    'pair.offer': notHere,
    'pair.follow': () => ({ state: { phase: 'idle' } }),
    'pair.confirm': notHere,
    'pair.refuse': () => ({}),
    'pair.cancel': () => ({}),
    'devices.list': () => ({ devices: [] }),
    'devices.rename': notHere,
    'devices.setRole': notHere,
    'devices.revoke': () => ({ revoked: [] }),
    'relay.status': () => ({
      url: null,
      own: true,
      connected: false,
      since: null,
      lanUrl: null,
      problem: null,
    }),
  };
}

/** What a test has to bring itself. */
function notHere(): never {
  throw new RpcFailure('refused', 'The fake host does not do this.');
}
