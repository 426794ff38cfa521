import { v7 as uuidv7 } from 'uuid';
import { HostClient } from '../../../src/connection/host-client.ts';
import { connectHost } from '../../../src/local/ensure-host.ts';
import type { Home } from '../../../src/local/home.ts';
import { SocketTransport } from '../../../src/local/socket-transport.ts';
import { treeOf } from '../../bench/process-memory.ts';
import { isAlive } from './tray-app.ts';
import { commandIdSchema, sessionIdSchema, type SessionId } from '../../../src/protocol/ids.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';

const POLL_MS = 50;

/** The test's own connection to the real host of a home. */
export async function hostOf(home: Home): Promise<HostClient> {
  const { client } = await HostClient.connect(new SocketTransport(await connectHost(home)), {
    surface: 'cli',
    version: '0',
  });
  return client;
}

/** The same, once a host other than `before` serves the home: a dying one may still take connections. */
export async function nextHostOf(home: Home, before: number, limitMs: number): Promise<HostClient> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      const client = await hostOf(home);
      if ((await client.call('host.status', {})).pid !== before) return client;
      client.close();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export async function startDemo(
  client: HostClient,
  cwd: string,
  prompt: string,
): Promise<SessionId> {
  const { sessionId } = await client.call('session.start', {
    commandId: commandIdSchema.parse(uuidv7()),
    agent: 'demo',
    cwd,
    share: true,
    prompt: [{ type: 'text', text: prompt }],
  });
  return sessionIdSchema.parse(sessionId);
}

/** Waits until a session's state says so. */
export async function untilSession(
  client: HostClient,
  sessionId: SessionId,
  what: string,
  holds: (state: SessionState) => boolean,
  limitMs: number,
): Promise<SessionState> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const { session } = await client.call('session.show', { sessionId });
    if (holds(session)) return session;
    if (Date.now() > deadline)
      throw new Error(
        `Session ${sessionId}: no ${what} within ${limitMs} ms; it is ${JSON.stringify(session)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Ends host, keeper and agents of a home, and waits until every one of their processes is gone. */
export async function endHost(home: Home, limitMs: number): Promise<void> {
  const client = await hostOf(home).catch(() => null);
  if (client === null) return;
  const { pid, keeperPid } = await client.call('host.status', {});
  const processes = treeOf([pid, keeperPid]);
  await client.call('host.stop', { all: true }, limitMs);
  const deadline = Date.now() + limitMs;
  while (processes.some(isAlive)) {
    if (Date.now() > deadline)
      throw new Error(`Left behind after stop: ${processes.filter(isAlive).join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
