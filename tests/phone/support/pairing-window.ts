import type { Locator, Page } from 'playwright-core';
import type { Role } from '../../../src/protocol/devices.ts';
import { picture } from '../../support/picture.ts';
import { readQr } from './read-qr.ts';

const ROLE_WORDS = { viewer: 'View', approver: 'Approve', operator: 'Operate' } as const;
/** What changes under the pointer takes no click in its first moment. */
const GUARD_MS = 1_000;
const LIMIT_MS = 20_000;

/** The window's side of a pairing, by the words on it. */
export class PairingWindow {
  readonly #page: Page;
  readonly #dialog: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#dialog = page.getByRole('dialog', { name: 'Pair a phone' });
  }

  /** Shows a code, and reads it off the screen as a camera would. */
  async offer(name: string): Promise<string> {
    // From wherever the window is: the button is on its first screen.
    await this.#page.locator('.sessions-home').click();
    await this.#page.getByRole('button', { name: 'Pair a phone…' }).click();
    await this.#dialog.getByRole('img', { name: 'QR code with the pairing link' }).waitFor();
    await picture(this.#page, `phone-${name}-code`);
    return readQr(await this.#page.screenshot());
  }

  async candidate(): Promise<{ heading: string; digits: string }> {
    const digits = await this.#dialog.locator('.pair-digits').innerText();
    return {
      heading: await this.#dialog.getByRole('heading', { level: 3 }).innerText(),
      digits: digits.replace(/\D/g, ''),
    };
  }

  async confirm(role: Role, name: string): Promise<void> {
    await this.#dialog.getByRole('radio', { name: new RegExp(`^${ROLE_WORDS[role]}`) }).check();
    await picture(this.#page, `phone-${name}-candidate`);
    const match = this.#dialog.getByRole('button', { name: 'They match: pair' });
    const deadline = Date.now() + LIMIT_MS;
    while ((await match.count()) > 0) {
      if (Date.now() > deadline) throw new Error('The digits take no confirmation.');
      await match.click();
      await match.waitFor({ state: 'detached', timeout: GUARD_MS }).catch(() => {
        // It was too early: again.
      });
    }
    await this.#dialog.getByRole('button', { name: 'Done' }).click();
  }
}
