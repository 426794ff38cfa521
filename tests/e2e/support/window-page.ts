import type { Page } from 'playwright-core';

const LIMIT_MS = 60_000;

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

  async allow(): Promise<void> {
    await this.page
      .getByRole('button', { name: /^Allow/ })
      .first()
      .click();
  }

  async sees(text: string): Promise<void> {
    await this.page.getByText(text, { exact: false }).first().waitFor();
  }
}
