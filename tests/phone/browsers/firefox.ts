import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { withDeadline } from '../../../src/base/deadline.ts';
import { end } from '../../e2e/support/desktop-session.ts';
import { asText, fromText, onPath, type OtherBrowser } from './other-browser.ts';

const NAME = onPath('firefox') ?? onPath('firefox-esr');
const START_LIMIT_MS = 30_000;
const CALL_LIMIT_MS = 30_000;

export const firefoxIsMissing = NAME === null;

/** Over WebDriver BiDi, which Firefox speaks by itself. */
export async function startFirefox(): Promise<OtherBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'porchlight-firefox-'));
  const child = spawn(
    String(NAME),
    ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
    { env: { ...process.env, HOME: profile }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    let said = '';
    const address = new Promise<string>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        said += String(chunk);
        const found = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    const socket = new WebSocket(
      `${await withDeadline(address, START_LIMIT_MS, 'Starting Firefox')}/session`,
    );
    await once(socket, 'open');
    const call = caller(socket);
    await call('session.new', { capabilities: {} });
    const { contexts } = (await call('browsingContext.getTree', {})) as {
      contexts: { context: string }[];
    };
    const context = String(contexts[0]?.context);
    return {
      goto: async (url) =>
        void (await call('browsingContext.navigate', { context, url, wait: 'complete' })),
      reload: async () =>
        void (await call('browsingContext.reload', { context, wait: 'complete' })),
      evaluate: async (expression) => {
        const { result } = (await call('script.evaluate', {
          expression: asText(expression),
          target: { context },
          awaitPromise: true,
        })) as { result: { value: unknown } };
        return fromText(result.value);
      },
      stop: async () => {
        socket.terminate();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function caller(socket: WebSocket) {
  let last = 0;
  const waiting = new Map<number, (message: Answer) => void>();
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Answer;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  return async (method: string, params: object): Promise<unknown> => {
    const id = ++last;
    const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error, message } = await withDeadline(answer, CALL_LIMIT_MS, method);
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error} ${message ?? ''}`);
    return result;
  };
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
  readonly message?: string;
}
