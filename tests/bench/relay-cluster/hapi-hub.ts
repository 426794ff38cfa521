import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { freePorts } from '../../support/nats-server.ts';
import type { Peer } from './peers.ts';
import type { Stops } from './cluster.ts';

const TOKEN = 'only-for-this-measurement';
const START_LIMIT_MS = 20_000;
const POLL_MS = 50;
/** An agent that has not been heard for half a minute is asked nothing. */
const ALIVE_MS = 2_000;

/**
 * The hub of hapi, run as the program that it is: an agent's end by its socket, a page's by its HTTP and its
 * event stream. One process that writes each message down; it has no second node.
 */
export class HapiHub implements Peer {
  readonly name = 'hapi hub 0.30.7 (one process, unsealed)';
  heard: (text: string) => void = () => {};
  readonly #program: string;
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess;
  #agent: Socket | null = null;
  #page = '';
  #session = '';
  #isOver = false;
  #beat: NodeJS.Timeout | undefined;

  private constructor(program: string, folder: string, port: number) {
    this.#program = program;
    this.#folder = folder;
    this.#port = port;
    this.#child = this.#run();
  }

  static async start(stops: Stops, peers: string): Promise<HapiHub> {
    const require = createRequire(join(peers, 'package.json'));
    const platform = `@twsxtd/hapi-${process.platform}-${process.arch}`;
    const program = join(require.resolve(`${platform}/package.json`), '..', 'bin', 'hapi');
    if (!existsSync(program)) throw new Error(`${platform} has no program of that name.`);
    const [port = 0] = await freePorts(1);
    const hub = new HapiHub(program, mkdtempSync(join(tmpdir(), 'hapi-')), port);
    stops.add(async () => await hub.#stop());
    await hub.#answers();
    await hub.#join();
    return hub;
  }

  get pids(): number[] {
    return this.#child.pid === undefined ? [] : [this.#child.pid];
  }

  /** From the page to the agent; refused while the hub is away. */
  send(text: string): void {
    const path = `/api/sessions/${this.#session}/messages`;
    this.#post(path, this.#page, { text }).catch(() => {});
  }

  async kill(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async again(): Promise<void> {
    this.#child = this.#run();
    await this.#answers();
  }

  #run(): ChildProcess {
    const env = {
      PATH: process.env.PATH,
      HOME: this.#folder,
      HAPI_HOME: this.#folder,
      HAPI_LISTEN_HOST: '127.0.0.1',
      HAPI_LISTEN_PORT: String(this.#port),
      CLI_API_TOKEN: TOKEN,
    };
    return spawn(this.#program, ['hub'], { env, cwd: this.#folder, stdio: 'ignore' });
  }

  async #stop(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#beat);
    this.#agent?.close();
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #join(): Promise<void> {
    const created = await this.#post('/cli/sessions', TOKEN, {
      tag: 'bench',
      metadata: { path: this.#folder, host: 'bench' },
      agentState: null,
    });
    this.#session = String((created.session as { id: string }).id);
    this.#page = String((await this.#post('/api/auth', null, { accessToken: TOKEN })).token);
    const agent = io(`${this.#url}/cli`, {
      transports: ['websocket'],
      auth: { token: TOKEN, clientType: 'session-scoped', sessionId: this.#session },
    });
    this.#agent = agent;
    agent.on('update', ({ body }: { body?: { t: string; message?: unknown } }) => {
      const text = body?.t === 'new-message' ? textIn(body.message) : null;
      if (text !== null) this.#agentSays(text);
    });
    const alive = (): void =>
      void agent.emit('session-alive', { sid: this.#session, time: Date.now() });
    this.#beat = setInterval(alive, ALIVE_MS);
    await new Promise<void>((resolve) => {
      agent.on('connect', () => {
        alive();
        resolve();
      });
    });
    void this.#listen();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }

  #agentSays(text: string): void {
    const data = { type: 'assistant', message: { content: text } };
    const message = { role: 'agent', content: { type: 'output', data } };
    this.#agent?.emit('message', { sid: this.#session, message });
  }

  /** As a browser does: again, when the stream ends. */
  async #listen(): Promise<void> {
    while (!this.#isOver) {
      try {
        const answer = await fetch(`${this.#url}/api/events?all=true&token=${this.#page}`);
        let rest = '';
        for await (const chunk of answer.body ?? []) {
          const lines = (rest + Buffer.from(chunk).toString()).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) this.#event(line);
        }
      } catch {
        // The hub is away.
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #event(line: string): void {
    if (!line.startsWith('data: ') || !line.includes('"role":"agent"')) return;
    const said = JSON.parse(line.slice('data: '.length)) as { type: string; message?: unknown };
    const text = said.type === 'message-received' ? textIn(said.message) : null;
    if (text !== null) this.heard(text);
  }

  async #answers(): Promise<void> {
    const untilMs = Date.now() + START_LIMIT_MS;
    for (;;) {
      const answer = await fetch(`${this.#url}/health`).catch(() => null);
      if (answer?.ok === true) return;
      if (Date.now() > untilMs) throw new Error('The hub does not answer.');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #post(
    path: string,
    bearer: string | null,
    body: unknown,
  ): Promise<Record<string, unknown>> {
    const answer = await fetch(this.#url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(START_LIMIT_MS),
    });
    // What it answers is only looked at for what is needed here.
    return (await answer.json()) as Record<string, unknown>;
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }
}

/** The text that the bench has put into a message, wherever that has it. */
function textIn(message: unknown): string | null {
  return /"(?:text|content)":"([^"]*)"/.exec(JSON.stringify(message))?.[1] ?? null;
}
