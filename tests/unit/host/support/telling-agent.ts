import type { SessionEvent } from '../../../../src/protocol/session/events.ts';
import { ScriptedAgent, type ScriptedProcess } from '../../../fakes/scripted-agent.ts';

/** The conversations it has; all of them in the temp folder. */
export const OLD = {
  sessionId: 'old',
  cwd: '/tmp',
  title: 'The  porch\n',
  updatedAt: '2026-11-20T10:00:00+01:00',
};

/** An agent that lists its conversations, and tells one when it loads it. */
export function tellingAgent(): ScriptedAgent {
  const scripted = new ScriptedAgent();
  scripted.handlers.initialize = () => ({
    protocolVersion: 1,
    agentInfo: { name: 'scripted', title: 'Scripted', version: '1' },
    agentCapabilities: { loadSession: true, sessionCapabilities: { close: {}, list: {} } },
  });
  scripted.handlers['session/list'] = () => ({ sessions: [OLD] });
  scripted.handlers['session/load'] = (process, request) => {
    tellPorch(process, String(request.params?.sessionId));
    return null;
  };
  return scripted;
}

/** Text in pieces, a call with its updates, plans, and a call that never ended. */
export function tellPorch(process: ScriptedProcess, session: string): void {
  const text = (sessionUpdate: string, messageId: string, said: string) =>
    process.update(session, { sessionUpdate, messageId, content: { type: 'text', text: said } });
  const call = (toolCallId: string, more: object) =>
    process.update(session, { sessionUpdate: 'tool_call_update', toolCallId, ...more });
  const plan = (...entries: string[]) =>
    process.update(session, {
      sessionUpdate: 'plan',
      entries: entries.map((content) => ({ content, priority: 'low', status: 'completed' })),
    });
  text('user_message_chunk', 'u1', 'paint ');
  text('user_message_chunk', 'u1', 'the porch');
  call('brush', { status: 'in_progress', title: 'brush' });
  plan('red', 'blue');
  text('agent_message_chunk', 'a1', 'It is ');
  call('brush', { status: 'completed', rawOutput: 'blue' });
  text('agent_message_chunk', 'a1', 'blue now.');
  plan('blue');
  call('dangling', { status: 'in_progress', title: 'dangling' });
}

/** The history in short. */
export function told(events: readonly SessionEvent[]): string[] {
  return events.flatMap((event) => {
    switch (event.type) {
      case 'user.text':
        return [`user: ${event.text}`];
      case 'agent.text':
        return [`agent: ${event.text}`];
      case 'tool.updated':
        return [`tool: ${event.title ?? event.toolCallId} ${event.status ?? ''}`];
      case 'plan.updated':
        return [`plan: ${event.entries.length}`];
      case 'notice':
        return ['notice'];
      case 'agent.started':
        return ['started'];
      default:
        return [];
    }
  });
}
