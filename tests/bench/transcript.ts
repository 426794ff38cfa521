import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type CDPSession, type Page } from 'playwright-core';
import { withDeadline } from '../../src/base/deadline.ts';
import { HostUnderTest } from '../integration/support/host-under-test.ts';
import { figure, median, type Figure } from './figure.ts';
import { writeHistory } from './transcript-history.ts';
import { leapToStart, openByClick } from './transcript-page.mjs';

export interface TranscriptOptions {
  readonly events: number;
  /** Of opening and scrolling it; the first is thrown away. */
  readonly rounds: number;
  readonly wheelTurns: number;
}

const DEFAULTS: TranscriptOptions = { events: 100_000, rounds: 5, wheelTurns: 100 };
const LIMIT_MS = 60_000;
const TITLE = 'Long';
const FRAME_MS = 16;
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/**
 * A very long transcript in Chromium, served by the real host on loopback: from the click on its
 * session to the first paint of its rows, and the longest piece of script while it is scrolled.
 */
export async function benchTranscript(options: TranscriptOptions = DEFAULTS): Promise<Figure[]> {
  const host = new HostUnderTest();
  const { events: count } = options;
  writeHistory(host.home.database, { title: TITLE, cwd: host.workspace, count });
  const browser = await chromium.launch({
    executablePath: browserPath(),
    // Chromium refuses to run as root with its sandbox.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    timeout: LIMIT_MS,
  });
  try {
    const client = await host.connect();
    const { url } = await client.call('host.serveUi', {});
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(LIMIT_MS);
    await page.goto(url);
    const opens: number[] = [];
    const longest: ScriptTask[] = [];
    for (let round = 0; round <= options.rounds; round += 1) {
      const openMs = await open(page);
      const task = await scroll(page, options);
      if (round === 0) continue;
      opens.push(openMs);
      longest.push(task);
    }
    const what = `transcript of ${count.toLocaleString('en')} events`;
    const scrolled = `${what}, longest script task of a scroll`;
    return [
      figure(`${what}, open to first paint`, median(opens), 'ms', { atMost: 500 }),
      figure(scrolled, median(longest.map(({ ms }) => ms)), 'ms', { atMost: 50 }),
      figure(`${scrolled}, CPU time`, median(longest.map(({ cpuMs }) => cpuMs)), 'ms'),
    ];
  } finally {
    await browser.close();
    await host.stop();
  }
}

function browserPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name))).find(
    (path) => existsSync(path),
  );
  if (found === undefined)
    throw new Error(`There is no Chromium on PATH (${BROWSERS.join(', ')}): install one.`);
  return found;
}

/** From the click to the frame that shows the first rows, in ms; starts and ends outside of it. */
async function open(page: Page): Promise<number> {
  await page.locator('.sessions-home').click();
  await page.locator('#transcript').waitFor({ state: 'detached' });
  const row = page.locator('.sessions').getByText(TITLE, { exact: true });
  return Number(await row.evaluate(openByClick));
}

/** Up by the wheel, to the far start in leaps, and down again; returns the longest script task. */
async function scroll(page: Page, { wheelTurns }: TranscriptOptions): Promise<ScriptTask> {
  await page.locator('#transcript').hover();
  const trace = await startTrace(await page.context().newCDPSession(page));
  for (let turn = 0; turn < wheelTurns; turn += 1) await wheel(page, -700);
  for (let leap = 0; leap < wheelTurns / 4; leap += 1) {
    await page.locator('#transcript').evaluate(leapToStart);
    await page.waitForTimeout(FRAME_MS * 3);
  }
  for (let turn = 0; turn < wheelTurns; turn += 1) await wheel(page, 700);
  return await trace.longestScript();
}

async function wheel(page: Page, y: number): Promise<void> {
  await page.mouse.wheel(0, y);
  await page.waitForTimeout(FRAME_MS);
}

/** Tasks of the page that run script, as Chromium's own timeline names them. */
const SCRIPT = new Set([
  'EvaluateScript',
  'EventDispatch',
  'FireAnimationFrame',
  'FireIdleCallback',
  'FunctionCall',
  'RunMicrotasks',
  'TimerFire',
  'v8.callFunction',
]);

/** What others had of the processor meanwhile is in `ms`, not in `cpuMs`. */
interface ScriptTask {
  readonly ms: number;
  readonly cpuMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** µs. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Records until it is asked for the longest script on a page's main thread; workers may take longer. */
async function startTrace(session: CDPSession): Promise<{ longestScript(): Promise<ScriptTask> }> {
  const tasks = new Map<string, ScriptTask>();
  const mainThreads = new Set<string>();
  session.on('Tracing.dataCollected', ({ value }) => {
    // Chromium's own events; the protocol's types leave their fields open.
    for (const { name, pid, tid, dur = 0, tdur = 0, args } of value as unknown as TraceEvent[]) {
      const thread = `${pid}:${tid}`;
      if (name === 'thread_name' && args?.name === 'CrRendererMain') mainThreads.add(thread);
      if (!SCRIPT.has(name)) continue;
      const { ms = 0, cpuMs = 0 } = tasks.get(thread) ?? {};
      tasks.set(thread, { ms: Math.max(ms, dur / 1_000), cpuMs: Math.max(cpuMs, tdur / 1_000) });
    }
  });
  const complete = new Promise<void>((resolve) =>
    session.once('Tracing.tracingComplete', () => resolve()),
  );
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['devtools.timeline', 'v8'] },
  });
  return {
    longestScript: async () => {
      await session.send('Tracing.end');
      await withDeadline(complete, LIMIT_MS, 'The trace');
      await session.detach();
      const found = [...mainThreads].flatMap((thread) => tasks.get(thread) ?? []);
      if (found.length === 0) throw new Error('The trace shows no script: nothing was scrolled.');
      return {
        ms: Math.max(...found.map(({ ms }) => ms)),
        cpuMs: Math.max(...found.map(({ cpuMs }) => cpuMs)),
      };
    },
  };
}
