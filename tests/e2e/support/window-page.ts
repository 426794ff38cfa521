import type { Locator, Page } from 'playwright-core';

const LIMIT_MS = 60_000;
const GUARD_MS = 1_000;

/** What a person does in the window, by the words on it. */
export class WindowPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(LIMIT_MS);
  }

  async startSession(given: {
    folder: string;
    agent: RegExp;
    title: string;
    prompt: string;
  }): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: 'New session' });
    await dialog.getByLabel('Folder', { exact: true }).fill(given.folder);
    await dialog.getByRole('radio', { name: given.agent }).check();
    await dialog.getByLabel('First message').fill(given.prompt);
    await dialog.getByLabel('Title').fill(given.title);
    await dialog.getByRole('button', { name: 'Start session' }).click();
  }

  /** The open approval that shows `text`; waits until it is there. */
  async approval(text: string): Promise<void> {
    await this.page
      .getByRole('article')
      .filter({ hasText: text, has: this.page.getByRole('button', { name: 'Allow' }) })
      .first()
      .waitFor();
  }

  /** Allows the oldest open approval. */
  async allow(): Promise<void> {
    await this.decide('Allow');
  }

  /**
   * Presses a button of the oldest open approval until it is decided. A card takes no click in the
   * first moment after anything moved, so that none hits it by chance; one that has taken it turns its buttons off.
   */
  async decide(name: string): Promise<void> {
    const open = this.page.locator('article[data-open="true"]').first();
    const id = await open.getAttribute('data-approval');
    const card = this.page.locator(`article[data-approval="${id}"][data-open="true"]`);
    const button = card.getByRole('button', { name, exact: true });
    const deadline = Date.now() + LIMIT_MS;
    while ((await card.count()) > 0) {
      if (Date.now() > deadline) throw new Error('The approval takes no click.');
      if ((await button.and(this.page.locator(':enabled')).count()) > 0) await this.press(button);
      await card.waitFor({ state: 'detached', timeout: GUARD_MS }).catch(() => {
        // Too early, and again; or taken, and not yet answered.
      });
    }
  }

  protected async press(button: Locator): Promise<void> {
    await button.click();
  }

  async sees(text: string): Promise<void> {
    await this.page.getByText(text, { exact: false }).first().waitFor();
  }
}
