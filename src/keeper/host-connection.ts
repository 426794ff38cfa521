import type { Socket } from 'node:net';
import { LineSplitter } from '../base/line-splitter.ts';
import type { Logger } from '../base/log.ts';
import {
  MAX_KEEPER_FRAME_BYTES,
  REFUSALS,
  type KeeperAnswer,
  type KeeperFrame,
  type KeeperNotice,
  type KeeperRequest,
} from '../protocol/keeper.ts';
import type { Agent } from './agent.ts';
import { parseRequest } from './requests.ts';

/** More than this unsent, and lines wait in their spools. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Frames that go out in one write. */
const BATCH_CHARS = 64 * 1024;

/** Understood and not done; the host gets code and message. */
export class Refused extends Error {
  override name = 'Refused';
  readonly code: keyof typeof REFUSALS;

  constructor(code: keyof typeof REFUSALS, message: string) {
    super(message);
    this.code = code;
  }
}

interface Cursor {
  readonly agent: Agent;
  next: number;
  /** Send `caughtUp` once lines up to here are out. Null when that was said. */
  caughtUpAt: number | null;
  saidExited: boolean;
}

export interface ConnectionEvents {
  request(request: KeeperRequest): Promise<KeeperAnswer>;
  closed(): void;
}

/** One socket: requests in, answers and attached agents' lines out, with bounded buffers. */
export class HostConnection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #log: Logger;
  readonly #cursors = new Map<string, Cursor>();
  #isClosed = false;

  constructor(socket: Socket, deps: { events: ConnectionEvents; log: Logger }) {
    this.#socket = socket;
    this.#events = deps.events;
    this.#log = deps.log;
    const lines = new LineSplitter({ maxBytes: MAX_KEEPER_FRAME_BYTES });
    socket.on('data', (chunk) => {
      for (const line of lines.push(chunk)) this.#onFrame(line.kind === 'line' ? line.text : '');
    });
    socket.on('drain', () => this.#onDrain());
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  /** Whether notices that may be left out should be. */
  get isBehind(): boolean {
    return this.#isClosed || this.#socket.writableLength > HIGH_WATER_BYTES;
  }

  isAttached(agent: Agent): boolean {
    return this.#cursors.get(agent.instance)?.agent === agent;
  }

  /** Starts over after `after`; call {@link pump} once the answer is out. */
  attach(agent: Agent, after: number): void {
    const { lastOffset, ackedOffset } = agent.status;
    this.#cursors.set(agent.instance, {
      agent,
      next: Math.max(after, ackedOffset) + 1,
      caughtUpAt: lastOffset,
      saidExited: false,
    });
  }

  detach(instance: string): void {
    this.#cursors.delete(instance);
  }

  tell(notice: KeeperNotice): void {
    this.#write(JSON.stringify(notice) + '\n');
  }

  /** Sends what an attached agent has, as far as the host keeps up. */
  pump(agent: Agent): void {
    const cursor = this.#cursors.get(agent.instance);
    if (cursor !== undefined) while (this.#batch(cursor)) continue;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#cursors.clear();
    this.#events.closed();
  }

  /** True when there may be more to send at once. */
  #batch(cursor: Cursor): boolean {
    if (this.isBehind) return false;
    const { agent } = cursor;
    let batch = '';
    // Lines that were acknowledged before they were sent (an attach far ahead) are not sent again.
    cursor.next = Math.max(cursor.next, agent.ackedOffset + 1);
    for (
      let line = agent.lineAt(cursor.next);
      line !== null && batch.length < BATCH_CHARS;
      line = agent.lineAt(cursor.next)
    ) {
      batch +=
        line.kind === 'line'
          ? lineFrame(agent.instance, line.offset, line.text)
          : frame({
              tell: 'oversize',
              instance: agent.instance,
              offset: line.offset,
              bytes: line.bytes,
            });
      cursor.next += 1;
      batch += this.#caughtUp(cursor);
    }
    if (batch === '') batch = this.#caughtUp(cursor) + exitedFrame(cursor);
    if (batch === '') return false;
    this.#write(batch);
    return true;
  }

  #caughtUp(cursor: Cursor): string {
    const at = cursor.caughtUpAt;
    if (at === null || cursor.next <= at) return '';
    cursor.caughtUpAt = null;
    return frame({ tell: 'caughtUp', instance: cursor.agent.instance, offset: at });
  }

  #onDrain(): void {
    this.#socket.resume();
    // A batch each in turn, so that one loud agent does not keep the others waiting.
    for (let more = true; more;) {
      more = false;
      for (const cursor of [...this.#cursors.values()]) more = this.#batch(cursor) || more;
    }
  }

  #onFrame(text: string): void {
    if (this.#isClosed) return;
    const incoming = parseRequest(text);
    switch (incoming.kind) {
      case 'garbage':
        this.#log.warn({}, 'closed a connection that sent something else than requests');
        return this.close();
      case 'bad':
        return this.#answer({
          id: incoming.id,
          error: { code: REFUSALS.badRequest, message: incoming.why },
        });
      case 'request':
        return void this.#serve(incoming.id, incoming.request);
    }
  }

  async #serve(id: number, request: KeeperRequest): Promise<void> {
    try {
      this.#answer({ id, ok: await this.#events.request(request) });
    } catch (error) {
      if (!(error instanceof Refused))
        this.#log.error({ do: request.do, err: String(error) }, 'a request failed');
      const code = error instanceof Refused ? error.code : 'failed';
      this.#answer({
        id,
        error: { code, message: error instanceof Error ? error.message : String(error) },
      });
    }
    if (request.do === 'attach' || request.do === 'ack') {
      const cursor = this.#cursors.get(request.instance);
      if (cursor !== undefined) this.pump(cursor.agent);
    }
  }

  #answer(answer: KeeperFrame): void {
    this.#write(JSON.stringify(answer) + '\n');
    // Whoever asks without reading the answers is not read either.
    if (this.isBehind) this.#socket.pause();
  }

  #write(text: string): void {
    if (!this.#isClosed) this.#socket.write(text);
  }
}

function frame(notice: KeeperNotice): string {
  return JSON.stringify(notice) + '\n';
}

function lineFrame(instance: string, offset: number, text: string): string {
  return `{"tell":"line","instance":"${instance}","offset":${offset},"line":${JSON.stringify(text)}}\n`;
}

function exitedFrame(cursor: Cursor): string {
  const { status } = cursor.agent;
  if (cursor.saidExited || !cursor.agent.isFinished || cursor.next <= status.lastOffset) return '';
  cursor.saidExited = true;
  return frame({ tell: 'exited', status });
}
