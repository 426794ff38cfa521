import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../local/home.ts';

/**
 * The person let Porchlight change what their desktop does about the lid: a file beside the journal, for
 * all homes of the user, since they share the desktop.
 */
export class DesktopConsent {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get isGiven(): boolean {
    return existsSync(this.#file);
  }

  async give(): Promise<void> {
    makeFolder(this.#folder);
    await writeFile(this.#file, 'Porchlight may change what the desktop does about the lid.\n', {
      mode: 0o600,
    });
  }

  async takeBack(): Promise<void> {
    await rm(this.#file, { force: true });
  }

  get #file(): string {
    return join(this.#folder, 'desktop-consent');
  }
}
