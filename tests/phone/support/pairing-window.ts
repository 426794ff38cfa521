import type { Page } from 'playwright-core';
import type { Role } from '../../../src/protocol/devices.ts';
import { screenshot } from '../../e2e/support/tray-app.ts';
import { readQr } from './read-qr.ts';

/** The window's side of a pairing, by the words on it. */
export class PairingWindow {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  async offer(): Promise<void> {
    await this.#page.getByRole('button', { name: 'Pair a phone' }).first().click();
  }

  /** What a camera reads off the screen. */
  async scanned(): Promise<string> {
    await this.#page.getByRole('img', { name: /code/i }).waitFor();
    await screenshot(this.#page, 'phone-story-code');
    return readQr(await this.#page.screenshot());
  }

  async candidate(): Promise<{ name: string; digits: string }> {
    const digits = this.#page.locator('.pair-digits');
    return {
      name: await this.#page.locator('.pair-name').innerText(),
      digits: (await digits.innerText()).replace(/\D/g, ''),
    };
  }

  async confirm(role: Role): Promise<void> {
    await this.#page.getByRole('radio', { name: new RegExp(role, 'i') }).check();
    await screenshot(this.#page, 'phone-story-candidate');
    await this.#page.getByRole('button', { name: /match|confirm/i }).click();
  }
}
