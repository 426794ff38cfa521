import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { homeOf } from '../../src/local/home.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { FakeHost, listen, type Listening } from '../fakes/fake-host.ts';
import { startDesktop, type DesktopSession } from './support/desktop-session.ts';
import { root, startTrayApp, type TrayApp } from './support/tray-app.ts';

const START_LIMIT_MS = 60_000;

let desktop: DesktopSession;
let host: FakeHost;
let listening: Listening;
let app: TrayApp;
let page: Page;

// The page is checked without the DOM's types here, so what runs in it is written as text.
const inPage = async (body: string): Promise<unknown> =>
  await page.evaluate(`(async () => { ${body} })()`);

beforeAll(async () => {
  desktop = await startDesktop();
  const home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, 'home') });
  mkdirSync(home.root, { mode: 0o700 });
  host = new FakeHost();
  listening = await listen(host, home.hostSocket);
  app = await startTrayApp(desktop, home.root, { args: ['--hidden'] });
  await app.tray.click(['Open Porchlight']);
  page = await app.window();
  await page.waitForLoadState();
}, START_LIMIT_MS);

afterAll(async () => {
  await app.electron.close();
  await listening.close();
  await desktop.stop();
});

describe('the window is closed to the world (security)', () => {
  test('runs sandboxed, isolated, without Node', async () => {
    const preferences = await app.electron.evaluate(({ BrowserWindow, session }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      const { contextIsolation, sandbox, nodeIntegration, webSecurity, webviewTag } =
        contents.getLastWebPreferences();
      const spellcheck = session.defaultSession.isSpellCheckerEnabled();
      return { contextIsolation, sandbox, nodeIntegration, webSecurity, webviewTag, spellcheck };
    });
    expect(preferences).toEqual({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
    });
    expect(
      await inPage(
        'return [typeof require, typeof process, typeof module, Object.keys(window.porchlight).toSorted()]',
      ),
    ).toEqual([
      'undefined',
      'undefined',
      'undefined',
      ['call', 'onTarget', 'openHostPort', 'platform'],
    ]);
  });

  test('evaluates nothing and runs no script that is not a file of ours', async () => {
    expect(
      await inPage(`
        const said = [];
        // Not at once: the debugger that runs this line is exempt from the policy.
        await new Promise((resolve) => setTimeout(() => {
          for (const run of [() => eval('1'), () => new Function('return 1')(), () => setTimeout('window.ran = 1')])
            try { run(); said.push('ran'); } catch (error) { said.push(error.name); }
          resolve();
        }));
        const inline = document.createElement('script'); inline.textContent = 'window.ran = 2'; document.body.append(inline);
        const holder = document.createElement('div'); holder.innerHTML = '<img src="x" onerror="window.ran = 3">'; document.body.append(holder);
        const frame = document.createElement('iframe'); frame.srcdoc = '<script>parent.ran = 4</script>'; document.body.append(frame);
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        const ran = window.ran ?? null;
        inline.remove(); holder.remove(); frame.remove();
        return [said.slice(0, 2), ran];
      `),
    ).toEqual([['EvalError', 'EvalError'], null]);
  });

  test('loads nothing from elsewhere', async () => {
    expect(
      await inPage(`
        const blocked = [];
        document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
        const image = new Image(); image.src = 'http://127.0.0.1:9/a.png';
        const style = document.createElement('link'); style.rel = 'stylesheet'; style.href = 'http://127.0.0.1:9/a.css'; document.head.append(style);
        const frame = document.createElement('iframe'); frame.src = 'http://127.0.0.1:9/'; document.body.append(frame);
        const request = await fetch('http://127.0.0.1:9/').then(() => 'answered', (error) => error.name);
        const socket = await new Promise((resolve) => { try { new WebSocket('ws://127.0.0.1:9').onerror = () => resolve('failed'); } catch (error) { resolve(error.name); } });
        while (!['img-src', 'style-src-elem', 'frame-src', 'connect-src'].every((name) => blocked.includes(name))) await new Promise((resolve) => setTimeout(resolve, 10));
        style.remove(); frame.remove();
        return [request, socket !== 'answered'];
      `),
    ).toEqual(['TypeError', true]);
  });

  test('stays where it is, and hands web addresses to the browser', async () => {
    await app.electron.evaluate(({ shell }) => {
      const opened: string[] = [];
      (globalThis as unknown as { opened: string[] }).opened = opened;
      shell.openExternal = async (url) => void opened.push(url);
    });
    expect(
      await inPage(`
        const windows = ['https://example.org/a', 'file:///etc/passwd', 'javascript:alert(1)', 'porchlight://app/index.html'].map((url) => window.open(url));
        for (const url of ['https://example.org/b', 'file:///etc/passwd', 'data:text/html,hello', 'porchlight://other/'])
          { const link = document.createElement('a'); link.href = url; document.body.append(link); link.click(); link.remove(); }
        await window.porchlight.call('openExternal', { url: 'http://example.org/c' });
        const refused = await window.porchlight.call('openExternal', { url: 'file:///etc/passwd' }).catch((error) => error.message);
        return [windows, location.href, refused];
      `),
    ).toEqual([
      [null, null, null, null],
      'porchlight://app/index.html',
      'Only web addresses are opened, not file:',
    ]);
    expect(
      await app.electron.evaluate(() => (globalThis as unknown as { opened: string[] }).opened),
    ).toEqual(['https://example.org/a', 'http://example.org/c']);
    expect(app.electron.windows().length).toBe(1);
  });

  test('is denied what it does not need', async () => {
    expect(
      await inPage(`
        const place = await new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('given'), () => resolve('denied')));
        const camera = await navigator.mediaDevices.getUserMedia({ video: true }).then(() => 'given', () => 'denied');
        return [await Notification.requestPermission(), place, camera];
      `),
    ).toEqual(['denied', 'denied', 'denied']);
  });

  test('serves only its own files, with the policy on each', async () => {
    expect(
      await inPage(`
        const answers = [];
        for (const path of ['/index.html', '/..%2f..%2fmain%2fmain.cjs', '/..%2f..%2f..%2fpackage.json', '/nothing.js', '/'])
          { const answer = await fetch(path); answers.push([answer.status, answer.headers.get('content-security-policy')?.startsWith("default-src 'none'")]); }
        const posted = await fetch('/index.html', { method: 'POST', body: 'x' });
        return [...answers, posted.status];
      `),
    ).toEqual([[200, true], [404, true], [404, true], [404, true], [200, true], 404]);
  });

  test('answers no other page, even one with our preload', async () => {
    const answer = await app.electron.evaluate(
      async ({ BrowserWindow }, preload) => {
        const other = new BrowserWindow({
          show: false,
          webPreferences: { preload, sandbox: true, contextIsolation: true },
        });
        await other.loadURL('porchlight://app/index.html');
        const said: unknown = await other.webContents.executeJavaScript(
          `window.porchlight.call('recentFolders', {}).catch((error) => error.message)`,
        );
        other.destroy();
        return said;
      },
      join(root, 'dist', 'preload', 'preload.cjs'),
    );
    expect(answer).toBe('Only the Porchlight window may call.');
  });
});

describe('the port to the host', () => {
  /** Opens a port, sends `lines`, and waits for `count` messages. */
  const converse = (lines: readonly string[], count: number): string => `
    const port = await new Promise((resolve) => {
      const listen = (event) => { if (event.data !== 'porchlight:host-port') return; removeEventListener('message', listen); resolve(event.ports[0]); };
      addEventListener('message', listen);
      window.porchlight.openHostPort();
    });
    const got = [];
    await new Promise((resolve) => {
      port.onmessage = (event) => { got.push(event.data); if (got.length === ${count}) resolve(); };
      for (const line of ${JSON.stringify(lines)}) port.postMessage(line);
    });
    port.close();
    return got;
  `;
  const hello = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'hello',
    params: { protocol: PROTOCOL_VERSION, surface: 'window', version: '0' },
  });

  test('carries the window’s own words to the host and back', async () => {
    const got = (await inPage(
      converse([hello, '{"jsonrpc":"2.0","id":2,"method":"session.list","params":{}}'], 2),
    )) as string[];
    expect(got.map((line) => JSON.parse(line) as unknown)).toEqual([
      { jsonrpc: '2.0', id: 1, result: expect.objectContaining({ epoch: host.epoch }) },
      { jsonrpc: '2.0', id: 2, result: { sessions: [], problems: [] } },
    ]);
  });

  test('closes with the reason when there is no host', async () => {
    await listening.close();
    const got = await inPage(converse([hello], 1));
    expect(got).toEqual([{ closed: expect.stringMatching(/^The host is not running/) }]);
  });
});
