import type { Locator } from 'playwright-core';
import { WindowPage } from './window-page.ts';

/** More than any screen has to step through. */
const MAX_STEPS = 60;

/** The same acts with nothing but the keyboard. */
export class WindowKeys extends WindowPage {
  override async startSession(given: {
    folder: string;
    agent: RegExp;
    title: string;
    prompt: string;
  }): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: 'New session' });
    await this.#type(dialog.getByLabel('Folder', { exact: true }), given.folder);
    await this.#choose(dialog.getByRole('radio', { name: given.agent }), dialog);
    await this.#type(dialog.getByLabel('First message'), given.prompt);
    await this.#type(dialog.getByLabel('Title'), given.title);
    await this.#stepTo(dialog.getByRole('button', { name: 'Start session' }));
    await this.page.keyboard.press('Enter');
  }

  protected override async press(button: Locator): Promise<void> {
    await this.#stepTo(button);
    await this.page.keyboard.press('Enter');
  }

  async #type(field: Locator, text: string): Promise<void> {
    await this.#stepTo(field);
    await this.page.keyboard.type(text);
  }

  /** Radios are one step; the arrows go through them. */
  async #choose(radio: Locator, dialog: Locator): Promise<void> {
    await radio.waitFor();
    const name = await radio.getAttribute('name');
    await this.#step(
      'Tab',
      async () => await isFocused(dialog.locator(`input[name="${name}"]:focus`)),
    );
    await this.#step('ArrowDown', async () => await radio.isChecked());
  }

  async #stepTo(target: Locator): Promise<void> {
    await target.waitFor();
    await this.#step('Tab', async () => await target.evaluate(HAS_FOCUS));
  }

  async #step(key: string, arrived: () => Promise<boolean>): Promise<void> {
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      if (await arrived()) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`${key} does not lead there within ${MAX_STEPS} steps.`);
  }
}

const HAS_FOCUS = (element: unknown): boolean =>
  (element as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement ===
  element;

const isFocused = async (locator: Locator): Promise<boolean> => (await locator.count()) > 0;
