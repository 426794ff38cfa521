import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { withDeadline } from '../../src/base/deadline.ts';
import { LineSplitter } from '../../src/base/line-splitter.ts';
import type { Home } from '../../src/local/home.ts';
import {
  HOLDER_PROTOCOL,
  HOLDER_RENEW_MS,
  MAX_HOLDER_FRAME_BYTES,
  type HolderAnswer,
  type HolderFrame,
  type HolderRequest,
} from '../../src/protocol/holder.ts';
import type { HolderSession, Reading } from './rig.ts';

const START_LIMIT_MS = 15_000;
const ANSWER_LIMIT_MS = 15_000;
const SET_UP_LIMIT_MS = 6 * 60_000;
const LOOK_MS = 25;

type Answer<What extends HolderAnswer['do']> = Extract<HolderAnswer, { do: What }>;
interface Waiting {
  resolve(answer: HolderAnswer): void;
  reject(error: Error): void;
}

/** The real program, started as the host starts it, and spoken to as the host does. */
export class HolderProcess implements HolderSession {
  readonly pid: number;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #want = { idle: false, lid: false };
  #renewing: NodeJS.Timeout | undefined;

  private constructor(socket: Socket, pid: number) {
    this.#socket = socket;
    this.pid = pid;
  }

  static async start(program: string, home: Home, env: NodeJS.ProcessEnv): Promise<HolderProcess> {
    const child = spawn(process.execPath, [program], {
      env: { ...env, PORCHLIGHT_HOME: home.root },
      detached: true,
      stdio: 'ignore',
      windowsHide: true,
    });
    child.unref();
    const endMs = performance.now() + START_LIMIT_MS;
    for (;;) {
      const socket = await opened(home.holderSocket);
      if (socket !== null) return await HolderProcess.#greet(socket);
      if (performance.now() > endMs)
        throw new Error(`The holder does not answer; its log is in ${home.logs}.`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  static async #greet(socket: Socket): Promise<HolderProcess> {
    const early = new HolderProcess(socket, 0);
    early.#listen();
    const { pid } = await early.#ask<'hello'>({
      do: 'hello',
      protocol: HOLDER_PROTOCOL,
      hostPid: process.pid,
      hostVersion: 'verify:power',
    });
    socket.removeAllListeners('data');
    const session = new HolderProcess(socket, pid);
    session.#lastId = 1;
    session.#listen();
    session.#renewing = setInterval(
      () => void session.want(session.#want).catch(() => {}),
      HOLDER_RENEW_MS,
    ).unref();
    return session;
  }

  async want(want: { readonly idle: boolean; readonly lid: boolean }): Promise<Reading> {
    this.#want = want;
    return await this.#ask<'want'>({ do: 'want', ...want, why: 'Porchlight is being checked' });
  }

  async look(): Promise<Reading> {
    return await this.#ask<'look'>({ do: 'look' });
  }

  async setUp(undo: boolean): Promise<Answer<'setUp'>> {
    return await this.#ask<'setUp'>({ do: 'setUp', undo }, SET_UP_LIMIT_MS);
  }

  leave(): void {
    clearInterval(this.#renewing);
    this.#socket.destroy();
  }

  async stop(): Promise<void> {
    clearInterval(this.#renewing);
    await this.#ask<'stop'>({ do: 'stop' });
    this.#socket.destroy();
  }

  isAlive(): boolean {
    try {
      return process.kill(this.pid, 0);
    } catch {
      return false;
    }
  }

  #listen(): void {
    const splitter = new LineSplitter({ maxBytes: MAX_HOLDER_FRAME_BYTES });
    this.#socket.on('data', (chunk: Buffer) => {
      for (const line of splitter.push(chunk))
        // Its own program answers, of the same checkout.
        if (line.kind === 'line') this.#hear(JSON.parse(line.text) as HolderFrame);
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      clearInterval(this.#renewing);
      for (const { reject } of this.#waiting.values()) reject(new Error('The holder is gone.'));
      this.#waiting.clear();
    });
  }

  #hear(frame: HolderFrame): void {
    if (!('id' in frame)) return;
    const waiting = this.#waiting.get(frame.id);
    if ('ok' in frame) waiting?.resolve(frame.ok);
    else if ('error' in frame) waiting?.reject(new Error(frame.error.message));
  }

  async #ask<What extends HolderAnswer['do']>(
    request: HolderRequest,
    limitMs = ANSWER_LIMIT_MS,
  ): Promise<Answer<What>> {
    const id = (this.#lastId += 1);
    const answer = new Promise<HolderAnswer>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    try {
      // It answers a request with an answer of its own kind.
      return (await withDeadline(answer, limitMs, `The answer to ${request.do}`)) as Answer<What>;
    } finally {
      this.#waiting.delete(id);
    }
  }
}

async function opened(path: string): Promise<Socket | null> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}
