import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { end } from '../../e2e/support/desktop-session.ts';
import { asText, fromText, onPath, type OtherBrowser } from './other-browser.ts';

/** WebKitGTK, the nearest to Safari that Linux has, over W3C WebDriver. */
const BROWSER = ['4.1', '4.0', '6.0']
  .map((version) => `/usr/lib/x86_64-linux-gnu/webkit2gtk-${version}/MiniBrowser`)
  .find((path) => existsSync(path));
const CALL_LIMIT_MS = 30_000;
const START_LIMIT_MS = 15_000;

export const webkitIsMissing =
  BROWSER === undefined || onPath('WebKitWebDriver') === null || onPath('Xvfb') === null;

export async function startWebkit(): Promise<OtherBrowser> {
  const children: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await end(child);
  };
  try {
    const display = spawn('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    children.push(display);
    const [name] = (await once(display.stdout, 'data')) as [Buffer];
    const port = await freePort();
    children.push(
      spawn('WebKitWebDriver', [`--port=${port}`, '--host=127.0.0.1'], {
        env: {
          ...process.env,
          DISPLAY: `:${String(name).trim()}`,
          // Its own sandbox needs rights that a container does not have.
          WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
          WEBKIT_DISABLE_DMABUF_RENDERER: '1',
        },
        stdio: 'ignore',
      }),
    );
    const call = caller(`http://127.0.0.1:${port}`);
    const { sessionId } = (await call('POST', '/session', {
      capabilities: {
        alwaysMatch: { 'webkitgtk:browserOptions': { binary: BROWSER, args: ['--automation'] } },
      },
    })) as { sessionId: string };
    const session = `/session/${sessionId}`;
    return {
      goto: async (url) => void (await call('POST', `${session}/url`, { url })),
      reload: async () => void (await call('POST', `${session}/refresh`, {})),
      evaluate: async (expression) =>
        fromText(
          await call('POST', `${session}/execute/async`, {
            script: `const done = arguments[arguments.length - 1]; ${asText(expression)}.then(done)`,
            args: [],
          }),
        ),
      stop: async () => {
        await call('DELETE', session).catch(() => {});
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function caller(origin: string) {
  return async (method: string, path: string, body?: object): Promise<unknown> => {
    const deadline = Date.now() + START_LIMIT_MS;
    for (;;) {
      try {
        const answer = await fetch(origin + path, {
          method,
          ...(body !== undefined && { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(CALL_LIMIT_MS),
        });
        const { value } = (await answer.json()) as { value: unknown };
        if (!answer.ok) throw new Error(JSON.stringify(value));
        return value;
      } catch (error) {
        // Not listening yet.
        if (!(error instanceof TypeError) || Date.now() > deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
