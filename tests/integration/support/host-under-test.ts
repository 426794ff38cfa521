import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import { HostClient } from '../../../src/connection/host-client.ts';
import { ensureHost, waitForHost } from '../../../src/local/ensure-host.ts';
import { homeOf, type Home } from '../../../src/local/home.ts';
import { SocketTransport } from '../../../src/local/socket-transport.ts';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import { commandIdSchema, type SessionId } from '../../../src/protocol/ids.ts';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { PromptPart } from '../../../src/protocol/transcript/content.ts';

export const dist = join(import.meta.dirname, '..', '..', '..', 'dist');
const WAIT_LIMIT_MS = 20_000;
const POLL_MS = 20;

export const newCommandId = () => commandIdSchema.parse(v7());
export const text = (value: string): PromptPart[] => [{ type: 'text', text: value }];

/** A home of its own with the built keeper and host, and one surface connected. */
export class HostUnderTest {
  readonly folder: string;
  readonly home: Home;
  readonly workspace: string;
  client!: HostClient;

  constructor(config?: object) {
    this.folder = mkdtempSync(join(tmpdir(), 'porchlight-test-'));
    this.home = homeOf({ PORCHLIGHT_HOME: join(this.folder, 'home') });
    this.workspace = join(this.folder, 'workspace');
    mkdirSync(this.workspace);
    mkdirSync(this.home.root, { mode: 0o700 });
    this.writeConfig(config ?? {});
  }

  /** A process that holds the machine awake is started only where the test is about that. */
  writeConfig(config: object): void {
    const whole = Array.isArray(config) ? config : { power: { keepAwake: 'off' }, ...config };
    writeFileSync(this.home.config, JSON.stringify(whole));
  }

  async connect(): Promise<HostClient> {
    const startedAt = Date.now();
    // One that comes after a kill reaps first; on a busy machine that takes longer than a person would wait.
    let socket = await ensureHost(this.home, { dist, execPath: process.execPath }).catch(
      async () => await waitForHost(this.home, Date.now()),
    );
    for (;;) {
      try {
        const transport = new SocketTransport(socket);
        const { client } = await HostClient.connect(transport, { surface: 'test', version: '0' });
        this.client = client;
        return client;
      } catch (error) {
        // A host that is about to refuse its home drops whoever was first; the next one hears why.
        if (error instanceof RpcFailure || Date.now() - startedAt > WAIT_LIMIT_MS) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      socket = await waitForHost(this.home, startedAt);
    }
  }

  async start(agent: string, prompt?: string): Promise<SessionId> {
    const { sessionId } = await this.client.call(
      'session.start',
      {
        commandId: newCommandId(),
        agent,
        cwd: this.workspace,
        // Several in one folder is how most tests work.
        share: true,
        ...(prompt !== undefined && { prompt: text(prompt) }),
      },
      90_000,
    );
    return sessionId;
  }

  async send(sessionId: SessionId, prompt: string): Promise<void> {
    await this.client.call('session.send', {
      sessionId,
      commandId: newCommandId(),
      prompt: text(prompt),
    });
  }

  async state(sessionId: SessionId): Promise<SessionState> {
    return (await this.client.call('session.show', { sessionId })).session;
  }

  async events(sessionId: SessionId): Promise<SessionEvent[]> {
    const all: SessionEvent[] = [];
    for (;;) {
      const { events, more } = await this.client.call('session.events', {
        sessionId,
        after: all.at(-1)?.seq ?? 0,
        limit: 2_000,
      });
      all.push(...events);
      if (!more) return all;
    }
  }

  async until(
    sessionId: SessionId,
    fits: (state: SessionState) => boolean,
    limitMs = WAIT_LIMIT_MS,
  ): Promise<SessionState> {
    return await eventually(async () => {
      const state = await this.state(sessionId);
      return fits(state) ? state : null;
    }, limitMs);
  }

  async turnEnded(sessionId: SessionId, turn = 1, limitMs = WAIT_LIMIT_MS): Promise<SessionState> {
    return await this.until(
      sessionId,
      (state) => state.turn?.turn === turn && state.turn.endedAt !== null,
      limitMs,
    );
  }

  async approval(sessionId: SessionId, limitMs = WAIT_LIMIT_MS): Promise<Approval> {
    const state = await this.until(sessionId, (each) => each.approvals.length > 0, limitMs);
    const [first] = state.approvals;
    if (first === undefined) throw new Error('no approval');
    return first;
  }

  async allow(approval: Approval, allow = true): Promise<string> {
    const { outcome } = await this.client.call('approval.decide', {
      commandId: newCommandId(),
      approvalId: approval.id,
      hash: approval.hash,
      choice: { allow },
    });
    return outcome;
  }

  /** Ends agents, keeper and host; fails when something of them is left. */
  async stop(): Promise<void> {
    try {
      const client = await this.connect();
      const { pid, keeperPid } = await client.call('host.status', {});
      await client.call('host.stop', { all: true });
      await eventually(async () => (isAlive(pid) || isAlive(keeperPid) ? null : true));
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

/** Polls until there is a value; fails with the last error after the limit. */
export async function eventually<T>(
  look: () => Promise<T | null>,
  limitMs = WAIT_LIMIT_MS,
): Promise<T> {
  const until = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > until)
      throw new Error(`Not within ${limitMs} ms: ${look.toString().slice(0, 200)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
