import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import axe from 'axe-core';
import {
  chromium,
  type Browser,
  type BrowserContextOptions,
  type LaunchOptions,
  type Page,
} from 'playwright-core';

const LIMIT_MS = 20_000;
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** What every Chromium of the tests is started with. */
export function chromiumOf(more: readonly string[]): LaunchOptions {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const executablePath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(
    (path) => existsSync(path),
  );
  if (executablePath === undefined)
    throw new Error(`There is no Chromium on PATH (${NAMES.join(', ')}): install one.`);
  // Chromium refuses to run as root with its sandbox.
  const args = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : ['--disable-gpu'];
  return { executablePath, args: [...args, ...more], timeout: LIMIT_MS };
}

export async function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return await chromium.launch(chromiumOf(more));
}

/** A page that remembers what went wrong in it. */
export interface Watched {
  readonly page: Page;
  /** Console errors and warnings, exceptions, requests to anywhere else. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(LIMIT_MS);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const { origin } = new URL(url);
  page.on('request', (request) => {
    const asked = request.url();
    if (!asked.startsWith(origin) && !asked.startsWith('data:') && !asked.startsWith('blob:'))
      complaints.push(`asked for ${asked}`);
  });
  await page.goto(url);
  return { page, complaints, close: async () => await context.close() };
}

interface AxeRule {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe-core finds wrong with the page as it is now, one line a node; by these rules only, or by all. */
export async function axeViolations(
  page: Page,
  only: readonly string[] | null = null,
): Promise<string[]> {
  // As an evaluation, because the page's policy allows no inline script.
  if ((await page.evaluate('"axe" in window')) !== true) await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(only !== null && { runOnly: only }) };
  const rules = (await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then((r) => r.violations)`,
  )) as AxeRule[];
  return rules.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  );
}
