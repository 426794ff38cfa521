import type { MemoryAgent, MemoryAgentIo } from './memory-keeper.ts';

export interface Heard {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** One process of a {@link ScriptedAgent}. */
export interface ScriptedProcess {
  readonly io: MemoryAgentIo;
  readonly heard: Heard[];
  say(message: object): void;
  answer(request: Heard, result: unknown): void;
  update(agentSession: string, update: object): void;
  chunk(agentSession: string, text: string): void;
  /** Asks for permission to run `command`; the answer goes to `then`. */
  ask(agentSession: string, command: string, then?: (outcome: string) => void): void;
}

export type Handle = (process: ScriptedProcess, request: Heard) => unknown;
/** As a handler's result: nothing is said, now or ever. */
export const SILENCE = Symbol('silence');

/**
 * An ACP agent without a process, for the host's core over a memory keeper. It answers what every
 * agent answers; a test replaces the handlers it is about.
 */
export class ScriptedAgent {
  readonly processes: ScriptedProcess[] = [];
  readonly handlers: Record<string, Handle> = {
    initialize: () => ({
      protocolVersion: 1,
      agentInfo: { name: 'scripted', title: 'Scripted', version: '1' },
      agentCapabilities: { loadSession: true, sessionCapabilities: { close: {} } },
    }),
    'session/new': () => ({ sessionId: `agent-session-${(this.#sessions += 1)}` }),
    'session/load': () => null,
    'session/set_mode': () => ({}),
    'session/close': () => ({}),
    'session/cancel': () => SILENCE,
    'session/prompt': () => ({ stopReason: 'end_turn' }),
  };
  #sessions = 0;

  readonly agent: MemoryAgent = (io) => {
    const asked = new Map<number, (outcome: string) => void>();
    let asks = 0;
    const process: ScriptedProcess = {
      io,
      heard: [],
      say: (message) => io.say(JSON.stringify({ jsonrpc: '2.0', ...message })),
      answer: ({ id }, result) => process.say({ id, result }),
      update: (sessionId, update) =>
        process.say({ method: 'session/update', params: { sessionId, update } }),
      chunk: (sessionId, text) =>
        process.update(sessionId, {
          sessionUpdate: 'agent_message_chunk',
          content: { type: 'text', text },
        }),
      ask: (sessionId, command, then = () => {}) => {
        const id = asks++;
        asked.set(id, then);
        const toolCallId = `call-${id}`;
        process.say({
          id,
          method: 'session/request_permission',
          params: {
            sessionId,
            toolCall: { toolCallId, kind: 'execute', title: command, rawInput: { command } },
            options: [
              { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
              { optionId: 'no', name: 'No', kind: 'reject_once' },
            ],
          },
        });
      },
    };
    this.processes.push(process);
    io.onLine((line) => {
      const heard = JSON.parse(line) as Heard;
      process.heard.push(heard);
      if (heard.method === undefined) return asked.get(Number(heard.id))?.(outcomeOf(heard.result));
      const result = this.handlers[heard.method]?.(process, heard);
      if (result !== SILENCE && heard.id !== undefined) process.answer(heard, result ?? null);
    });
  };

  /** What all its processes were told, in short: methods, and answers by their outcome. */
  told(): string[] {
    return this.processes.flatMap(({ heard }) =>
      heard.map(({ method, result, error }) => method ?? outcomeOf(result ?? error)),
    );
  }

  count(method: string): number {
    return this.told().filter((each) => each === method).length;
  }
}

/** `yes`, `no`, `cancelled`, or whatever it is. */
function outcomeOf(result: unknown): string {
  const { outcome } = result as { outcome?: { outcome: string; optionId?: string } };
  return outcome?.optionId ?? outcome?.outcome ?? JSON.stringify(result);
}
