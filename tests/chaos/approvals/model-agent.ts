import type { MemoryAgent, MemoryAgentIo } from '../../fakes/memory-keeper.ts';

interface Line {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly sessionId?: string };
  readonly result?: { readonly outcome?: { readonly optionId?: string } };
}

/** One call that an agent asked about, and what became of it there. */
export interface AskedCall {
  readonly marker: string;
  readonly agentSession: string;
  readonly rpcId: number;
  readonly process: ModelProcess;
  state: 'asked' | 'withdrawn' | 'running' | 'over';
}

/** What agents have done, over all their processes. */
export interface Deeds {
  readonly calls: AskedCall[];
  /** Each time a call was run, by its marker. */
  readonly ran: string[];
  /** Run although its turn had been cancelled before. */
  readonly ranAfterCancel: string[];
}

/**
 * An agent as bad as they come: it runs whatever is allowed to it, however late, also after it was
 * told to cancel. Its tools and turns end when the model says so.
 */
export class ModelProcess {
  readonly #io: MemoryAgentIo;
  readonly #deeds: Deeds;
  readonly #asksPerTurn: number;
  readonly #prompts = new Map<string, string | number>();
  readonly #cancelled = new Set<string>();
  readonly instance: string;
  isGone = false;

  constructor(io: MemoryAgentIo, deeds: Deeds, asksPerTurn: number) {
    this.#io = io;
    this.instance = io.spec.instance;
    this.#deeds = deeds;
    this.#asksPerTurn = asksPerTurn;
    io.onLine((line) => this.#hear(JSON.parse(line) as Line));
  }

  #hear({ id, method, params, result }: Line): void {
    const sessionId = params?.sessionId ?? '';
    switch (method) {
      case undefined:
        return this.#answered(Number(id), result?.outcome?.optionId);
      case 'initialize':
        return this.#answer(id, {
          protocolVersion: 1,
          agentInfo: { name: 'model', version: '1' },
          agentCapabilities: { loadSession: true, sessionCapabilities: { close: {} } },
        });
      case 'session/new':
        return this.#answer(id, { sessionId: `agent-${(sessions += 1)}` });
      case 'session/prompt':
        this.#prompts.set(sessionId, id ?? 0);
        this.#cancelled.delete(sessionId);
        for (let n = 0; n < this.#asksPerTurn; n += 1) this.ask(sessionId);
        return;
      case 'session/cancel':
        this.#cancelled.add(sessionId);
        return;
      default:
        if (id !== undefined) this.#answer(id, {});
    }
  }

  ask(agentSession: string): void {
    const { calls } = this.#deeds;
    const rpcId = calls.length;
    const marker = `call-${rpcId}`;
    calls.push({ marker, agentSession, rpcId, process: this, state: 'asked' });
    this.#say({
      id: rpcId,
      method: 'session/request_permission',
      params: {
        sessionId: agentSession,
        toolCall: { toolCallId: marker, kind: 'execute', title: marker, rawInput: { marker } },
        options: [
          { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
          { optionId: 'no', name: 'No', kind: 'reject_once' },
        ],
      },
    });
  }

  #answered(rpcId: number, optionId: string | undefined): void {
    const call = this.#deeds.calls[rpcId];
    if (call === undefined || call.state === 'withdrawn') return;
    if (optionId !== 'yes') {
      call.state = 'over';
      return;
    }
    call.state = 'running';
    this.#deeds.ran.push(call.marker);
    if (this.#cancelled.has(call.agentSession)) this.#deeds.ranAfterCancel.push(call.marker);
  }

  withdraw(call: AskedCall): void {
    call.state = 'withdrawn';
    this.#say({ method: '$/cancel_request', params: { requestId: call.rpcId } });
  }

  endTool(call: AskedCall, status: 'completed' | 'failed'): void {
    call.state = 'over';
    const update = { sessionUpdate: 'tool_call_update', toolCallId: call.marker, status };
    this.#say({ method: 'session/update', params: { sessionId: call.agentSession, update } });
  }

  /** False when there is none. */
  endTurn(agentSession: string): boolean {
    const id = this.#prompts.get(agentSession);
    if (id === undefined) return false;
    this.#prompts.delete(agentSession);
    const stopReason = this.#cancelled.has(agentSession) ? 'cancelled' : 'end_turn';
    this.#answer(id, { stopReason });
    return true;
  }

  endTurns(): void {
    for (const each of this.#prompts.keys()) this.endTurn(each);
  }

  crash(): void {
    this.isGone = true;
    this.#io.exit(1);
  }

  #answer(id: string | number | undefined, result: object): void {
    this.#say({ id, result });
  }

  #say(message: object): void {
    if (!this.isGone) this.#io.say(JSON.stringify({ jsonrpc: '2.0', ...message }));
  }
}

let sessions = 0;

export function modelAgent(
  deeds: Deeds,
  processes: ModelProcess[],
  asksPerTurn: number,
): MemoryAgent {
  return (io) => void processes.push(new ModelProcess(io, deeds, asksPerTurn));
}
