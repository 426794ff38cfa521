import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dist } from '../../build/programs.mjs';
import type { SessionId } from '../../src/protocol/ids.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { fill } from './support/window-scenes.ts';
import { WindowHost } from './support/window-host.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PICTURES = join(dist, 'screenshots');
const SIZES = {
  desktop: { width: 1280, height: 800 },
  /** 1280 px at 200 % zoom is 640 CSS px. */
  zoomed: { width: 640, height: 400 },
  narrow: { width: 360, height: 740 },
} as const;

let browser: Browser;
let full: { window: WindowHost; sessionId: SessionId };
let empty: WindowHost;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    // Chromium refuses to run as root with its sandbox.
    args: [
      '--disable-gpu',
      '--disable-quic',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
  const host = new FakeHost();
  const sessionId = fill(host);
  full = { window: await WindowHost.start(host), sessionId };
  empty = await WindowHost.start();
});
afterAll(async () => {
  await browser.close();
  full.window.stop();
  empty.stop();
});

interface Look {
  readonly theme: 'light' | 'dark';
  readonly size: keyof typeof SIZES;
}

async function open(window: WindowHost, { theme, size }: Look): Promise<Page> {
  const context = await browser.newContext({
    viewport: SIZES[size],
    colorScheme: theme,
    reducedMotion: 'reduce',
    // Only for the checker's own script; the page itself keeps its policy.
    bypassCSP: true,
  });
  const page = await context.newPage();
  await page.goto(window.link());
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return page;
}

/** Rules that are broken, each with where; and whether the page can be scrolled sideways. */
async function faults(page: Page, name: string): Promise<string[]> {
  await page.screenshot({ path: join(PICTURES, `window-${name}.png`) });
  await page.addScriptTag({ path: AXE });
  const tooWide = await page
    .locator('html')
    .evaluate((root) => root.scrollWidth > root.clientWidth);
  const broken = await page.evaluate(async () => {
    // Put there by the script above.
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`),
    );
  });
  return tooWide ? [...broken, 'wider than the window'] : broken;
}

const screens: Readonly<Record<string, (look: Look) => Promise<Page>>> = {
  empty: async (look) => await open(empty, look),
  home: async (look) => await open(full.window, look),
  session: async (look) => {
    const page = await open(full.window, look);
    await page
      .getByRole('navigation')
      .getByRole('button')
      .filter({ hasText: titleOf() })
      .first()
      .click();
    await page.locator('#composer').waitFor();
    return page;
  },
  'new session': async (look) => {
    const page = await open(full.window, look);
    await page.keyboard.press('Alt+N');
    await page.getByRole('dialog').waitFor();
    return page;
  },
  palette: async (look) => {
    const page = await open(full.window, look);
    await page.keyboard.press('Control+K');
    await page.getByRole('dialog').waitFor();
    return page;
  },
  keyboard: async (look) => {
    const page = await open(full.window, look);
    await page.keyboard.press('Control+/');
    await page.getByRole('dialog').waitFor();
    return page;
  },
};

function titleOf(): string {
  const state = full.window.host.sessions.get(full.sessionId);
  if (state === undefined) throw new Error('the scene has no such session');
  return state.state.title;
}

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  describe.each(Object.keys(SIZES) as (keyof typeof SIZES)[])('at the size %s', (size) => {
    test.each(Object.keys(screens))('%s has no fault that axe knows and fits', async (name) => {
      const page = await screens[name]?.({ theme, size });
      if (page === undefined) throw new Error(`no screen ${name}`);
      try {
        expect(await faults(page, `${name.replace(' ', '-')}-${theme}-${size}`)).toEqual([]);
      } finally {
        await page.context().close();
      }
    });
  });
});

test('a host that goes away is said so, and the window is back when it is', async () => {
  const window = await WindowHost.start();
  const page = await open(window, { theme: 'light', size: 'desktop' });
  try {
    const { comeBack } = await window.goAway();
    await page.getByText('The host does not answer').first().waitFor();
    await comeBack();
    await page.getByText('The host does not answer').first().waitFor({ state: 'hidden' });
  } finally {
    await page.context().close();
    window.stop();
  }
});
