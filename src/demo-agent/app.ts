import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import {
  agent,
  methods,
  PROTOCOL_VERSION,
  RequestError,
  type AgentApp,
  type AgentContext,
  type ClientCapabilities,
  type SessionModeState,
} from '@agentclientprotocol/sdk';
import type { Children } from './children.ts';
import { clientOf } from './client.ts';
import type { Clock } from './clock.ts';
import type { Fault } from './command-line.ts';
import { replayOf, type Conversation } from './conversation.ts';
import type { ConversationFolder } from './conversation-folder.ts';
import { COMMANDS, configOptions, isModelId, isModeId, MODES } from './modes.ts';
import { DemoSession, type RunScript } from './session.ts';

export interface AppParts {
  readonly version: string;
  readonly fault: Fault | null;
  readonly speed: number;
  readonly clock: Clock;
  readonly children: Children;
  readonly folder: ConversationFolder;
  readonly newId: () => string;
  readonly today: () => string;
  readonly writeRaw: (text: string) => Promise<void>;
  /** What it does in a folder before it opens a session there. */
  readonly prepare: (cwd: string) => Promise<void>;
  readonly run: RunScript;
}

const MAX_SESSIONS = 1_000;

/** The agent's side of ACP v1, ready to be connected to a stream. */
export function demoAgent(parts: AppParts): AgentApp {
  const sessions = new Map<string, DemoSession>();
  let capabilities: ClientCapabilities | undefined;

  const open = (conversation: Conversation, context: AgentContext): DemoSession => {
    if (sessions.size >= MAX_SESSIONS && !sessions.has(conversation.sessionId))
      throw RequestError.internalError(
        undefined,
        `The demo agent holds ${MAX_SESSIONS} sessions: start another one`,
      );
    sessions.get(conversation.sessionId)?.cancel();
    const session = new DemoSession({
      ...parts,
      conversation,
      client: clientOf(context, conversation.sessionId, capabilities, parts.writeRaw),
      save: (changed) => parts.folder.write(changed),
    });
    sessions.set(conversation.sessionId, session);
    return session;
  };
  const known = (sessionId: string): DemoSession => {
    const session = sessions.get(sessionId);
    if (session === undefined) throw RequestError.sessionNotFound(sessionId);
    return session;
  };

  return agent({ name: 'porchlight-demo-agent' })
    .onRequest(methods.agent.initialize, ({ params }) => {
      capabilities = params.clientCapabilities;
      return {
        protocolVersion: parts.fault === 'old-protocol' ? 0 : PROTOCOL_VERSION,
        agentInfo: { name: 'porchlight-demo-agent', title: 'Demo agent', version: parts.version },
        agentCapabilities: {
          loadSession: parts.fault !== 'no-load',
          promptCapabilities: { image: true, embeddedContext: true },
          sessionCapabilities: { list: {}, close: {} },
        },
        authMethods:
          parts.fault === 'auth'
            ? [
                {
                  id: 'demo-login',
                  name: 'Sign in to the demo',
                  description: 'There is nothing to sign in to',
                },
              ]
            : [],
      };
    })
    .onRequest(methods.agent.session.new, async ({ params, client }) => {
      if (parts.fault === 'auth') throw RequestError.authRequired();
      checkFolder(params.cwd);
      await parts.prepare(params.cwd);
      const session = open(
        {
          sessionId: parts.newId(),
          cwd: params.cwd,
          title: null,
          model: 'lantern',
          updatedAt: parts.today(),
          entries: [],
        },
        client,
      );
      session.save();
      announceCommands(session, client);
      return { sessionId: session.conversation.sessionId, ...stateOf(session) };
    })
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
      if (parts.fault === 'auth') throw RequestError.authRequired();
      checkFolder(params.cwd);
      const stored = parts.folder.read(params.sessionId);
      if (stored === null) throw RequestError.sessionNotFound(params.sessionId);
      await parts.prepare(params.cwd);
      // The mode is not stored: like the agents it stands for, it starts over in its default.
      const session = open({ ...stored, cwd: params.cwd }, client);
      for (const update of replayOf(session.conversation))
        await client.notify(methods.client.session.update, { sessionId: params.sessionId, update });
      announceCommands(session, client);
      return stateOf(session);
    })
    .onRequest(methods.agent.session.list, ({ params }) => ({
      sessions: parts.folder
        .list()
        .filter((each) => params.cwd == null || each.cwd === params.cwd)
        .map(({ sessionId, cwd, title, updatedAt }) => ({ sessionId, cwd, title, updatedAt })),
    }))
    .onRequest(methods.agent.session.close, ({ params }) => {
      known(params.sessionId).cancel();
      sessions.delete(params.sessionId);
      return {};
    })
    .onRequest(methods.agent.session.setMode, ({ params }) => {
      const session = known(params.sessionId);
      if (parts.fault === 'no-mode' || !isModeId(params.modeId))
        throw RequestError.invalidParams(
          { modeId: params.modeId },
          `mode ${params.modeId} is not available in this session`,
        );
      session.setMode(params.modeId);
      return {};
    })
    .onRequest(methods.agent.session.setConfigOption, ({ params }) => {
      const session = known(params.sessionId);
      if (params.configId !== 'model' || !isModelId(params.value))
        throw RequestError.invalidParams(
          { configId: params.configId },
          'only model can be set: lantern or match',
        );
      session.conversation.model = params.value;
      session.save();
      return { configOptions: configOptions(session.conversation.model) };
    })
    .onRequest(methods.agent.session.prompt, async ({ params, signal }) => ({
      stopReason: await known(params.sessionId).prompt(params.prompt, signal),
    }))
    .onNotification(methods.agent.session.cancel, ({ params }) => {
      sessions.get(params.sessionId)?.cancel();
    });
}

function stateOf(session: DemoSession): {
  modes: SessionModeState;
  configOptions: ReturnType<typeof configOptions>;
} {
  return {
    modes: { currentModeId: session.mode, availableModes: MODES.map((mode) => ({ ...mode })) },
    configOptions: configOptions(session.conversation.model),
  };
}

/** After the answer, as agents do: the client learns the session's id from that. */
function announceCommands(session: DemoSession, client: AgentContext): void {
  setImmediate(() => {
    client
      .notify(methods.client.session.update, {
        sessionId: session.conversation.sessionId,
        update: { sessionUpdate: 'available_commands_update', availableCommands: COMMANDS },
      })
      .catch(() => {
        // The client is gone; there is nobody to tell.
      });
  });
}

function checkFolder(cwd: string): void {
  if (!isAbsolute(cwd)) throw RequestError.invalidParams({ cwd }, 'cwd must be an absolute path');
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw RequestError.invalidParams({ cwd }, `the folder ${cwd} does not exist`);
}
