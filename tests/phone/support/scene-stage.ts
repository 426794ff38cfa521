import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { launchBrowser, openPage } from '../../e2e/support/window-browser.ts';
import { PHONE_SCREEN, PhoneHost, type PhoneGiven } from './phone-host.ts';
import { fillPhone, type PhoneScene } from './phone-scenes.ts';

interface SceneStage {
  readonly phone: PhoneHost;
  /** Anew before each test. */
  readonly scene: PhoneScene;
  /** The phone's page, gone again afterwards; it must not complain. */
  opened(given: PhoneGiven, hash: string, act: (page: Page) => Promise<void>): Promise<void>;
  /** What the host was asked to do, without what only looks. */
  asked(...methods: string[]): unknown[];
}

/** The phone's page with a fake host for the tests of a file: one browser for all of them. */
export function sceneStage(): SceneStage {
  let phone: PhoneHost;
  let browser: Browser;
  let scene: PhoneScene;
  beforeAll(async () => {
    [phone, browser] = await Promise.all([PhoneHost.start(), launchBrowser()]);
  });
  beforeEach(() => {
    phone.anew();
    scene = fillPhone(phone.host);
  });
  afterAll(async () => {
    await browser?.close();
    phone?.stop();
  });
  return {
    get phone() {
      return phone;
    },
    get scene() {
      return scene;
    },
    opened: async (given, hash, act) => {
      const url = phone.url(given, hash);
      const { page, complaints, close } = await openPage(browser, url, PHONE_SCREEN);
      try {
        await act(page);
        expect(complaints).toEqual([]);
      } finally {
        await close();
      }
    },
    asked: (...methods) =>
      phone.host.calls.filter(({ method }) => methods.includes(method)).map(({ params }) => params),
  };
}
