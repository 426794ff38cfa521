import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  client,
  methods,
  ndJsonStream,
  type CreateElicitationRequest,
  type CreateElicitationResponse,
  type ClientCapabilities,
  type ClientConnection,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
} from '@agentclientprotocol/sdk';
import { withDeadline } from '../../../src/base/deadline.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
export const AGENT = join(root, 'dist', 'demo-agent', 'main.js');
const LIMIT_MS = 20_000;

export const allow: RequestPermissionResponse = {
  outcome: { outcome: 'selected', optionId: 'yes' },
};
export const deny: RequestPermissionResponse = { outcome: { outcome: 'selected', optionId: 'no' } };

export interface DriverOptions {
  readonly args?: readonly string[];
  readonly state?: string;
  readonly forms?: boolean;
  readonly onPermission?: (request: RequestPermissionRequest) => Promise<RequestPermissionResponse>;
  readonly onForm?: (request: CreateElicitationRequest) => Promise<CreateElicitationResponse>;
}

/** A built demo agent behind pipes, and the SDK's own client in front of it. */
export class Driver {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly state: string;
  readonly updates: SessionUpdate[] = [];
  readonly permissions: RequestPermissionRequest[] = [];
  readonly forms: CreateElicitationRequest[] = [];
  readonly connection: ClientConnection;
  stderr = '';
  readonly #capabilities: ClientCapabilities;
  readonly #exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #watchers = new Set<() => void>();

  constructor(options: DriverOptions = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'demo-agent-'));
    this.state = options.state ?? join(this.folder, '.state');
    const child = spawn(process.execPath, [AGENT, '--speed', '1000', ...(options.args ?? [])], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, XDG_STATE_HOME: this.state },
    });
    this.child = child;
    this.#exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    const app = client({ name: 'tests' })
      .onNotification(methods.client.session.update, ({ params }) => {
        this.updates.push(params.update);
        for (const watcher of [...this.#watchers]) watcher();
      })
      .onRequest(methods.client.session.requestPermission, async ({ params }) => {
        this.permissions.push(params);
        return await (options.onPermission ?? (async () => allow))(params);
      })
      .onRequest(methods.client.elicitation.create, async ({ params }) => {
        this.forms.push(params);
        return await (options.onForm ?? (async () => ({ action: 'decline' as const })))(params);
      });
    this.#capabilities = options.forms === false ? {} : { elicitation: { form: {} } };
    this.connection = app.connect(
      ndJsonStream(
        Writable.toWeb(child.stdin),
        // Node's own type of web streams and the global one differ in name only.
        Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>,
      ),
    );
  }

  async initialize() {
    return await this.within(
      this.connection.agent.request(methods.agent.initialize, {
        protocolVersion: 1,
        clientCapabilities: this.#capabilities,
      }),
      'initialize',
    );
  }

  /** A new session in this driver's scratch folder; its id. */
  async start(cwd = this.folder): Promise<string> {
    await this.initialize();
    const { sessionId } = await this.within(
      this.connection.agent.request(methods.agent.session.new, { cwd, mcpServers: [] }),
      'session/new',
    );
    return sessionId;
  }

  async prompt(sessionId: string, text: string) {
    return await this.within(
      this.connection.agent.request(methods.agent.session.prompt, {
        sessionId,
        prompt: [{ type: 'text', text }],
      }),
      `prompt ${text}`,
    );
  }

  async cancel(sessionId: string): Promise<void> {
    await this.connection.agent.notify(methods.agent.session.cancel, { sessionId });
  }

  async setMode(sessionId: string, modeId: string) {
    return await this.within(
      this.connection.agent.request(methods.agent.session.setMode, { sessionId, modeId }),
      'set_mode',
    );
  }

  /** What the agent has said so far. */
  get text(): string {
    return this.updates
      .map((update) =>
        update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text'
          ? update.content.text
          : '',
      )
      .join('');
  }

  /** Resolves at the first update after which `holds`. */
  async until(holds: () => boolean, what: string): Promise<void> {
    if (holds()) return;
    let stop = (): void => {};
    const seen = new Promise<void>((resolve) => {
      const watcher = (): void => void (holds() && resolve());
      this.#watchers.add(watcher);
      stop = () => void this.#watchers.delete(watcher);
    });
    try {
      await this.within(seen, what);
    } finally {
      stop();
    }
  }

  async exited() {
    return await this.within(this.#exited, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.stdin?.destroy();
    this.child.kill('SIGKILL');
    await this.exited();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async within<T>(promise: Promise<T>, what: string): Promise<T> {
    return await withDeadline(promise, LIMIT_MS, what);
  }
}
