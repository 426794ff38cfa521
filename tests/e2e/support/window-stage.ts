import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { FakeHost } from '../../fakes/fake-host.ts';
import { launchBrowser, openPage, type Watched } from './window-browser.ts';
import { WindowHost } from './window-host.ts';
import { AGENTS } from './window-scenes.ts';

/** A scripted host and one page of its window, fresh for each test; the page may complain of nothing. */
export interface WindowStage {
  readonly host: FakeHost;
  /** Opens the window; once a test. */
  open(): Promise<Page>;
  /** What the window asked of the host by this method. */
  calls(method: string): Record<string, unknown>[];
}

/** Sets the stage for every test of the file that calls this, ahead of its own hooks. */
export function windowStage(): WindowStage {
  let browser: Browser | undefined;
  let door: WindowHost | undefined;
  let window: Watched | undefined;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => await browser?.close());
  beforeEach(async () => {
    door = await WindowHost.start();
    door.host.agents = AGENTS;
  });
  afterEach(async () => {
    const complaints = window?.complaints ?? [];
    await window?.close();
    door?.stop();
    window = door = undefined;
    expect(complaints).toEqual([]);
  });

  const set = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('The stage is set for each test, and not before.');
    return value;
  };
  return {
    get host() {
      return set(door).host;
    },
    open: async () => {
      window = await openPage(set(browser), set(door).link());
      return window.page;
    },
    calls: (method) =>
      set(door)
        .host.calls.filter((call) => call.method === method)
        .map(({ params }) => params as Record<string, unknown>),
  };
}
