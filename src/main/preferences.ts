import Store from 'electron-store';
import { z } from 'zod';
import type { Box } from './windows/window-position.ts';

const MAX_FOLDERS = 12;
const boxSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
});

/** The tray app's own small memory, in `<home>/app/preferences.json`. */
export class Preferences {
  #folders: readonly string[] | null = null;
  readonly #store = new Store({ name: PREFERENCES_NAME, clearInvalidConfig: true });

  get windowBox(): Box | null {
    return boxSchema
      .nullable()
      .catch(null)
      .parse(this.#store.get('windowBox') ?? null);
  }

  set windowBox(box: Box) {
    this.#store.set('windowBox', box);
  }

  /** Newest first. Read once: the menu asks on every change, and the store reads its file each time. */
  get recentFolders(): readonly string[] {
    this.#folders ??= z
      .array(z.string())
      .catch([])
      .parse(this.#store.get('recentFolders') ?? []);
    return this.#folders;
  }

  rememberFolder(folder: string): void {
    this.#folders = [folder, ...this.recentFolders.filter((other) => other !== folder)].slice(
      0,
      MAX_FOLDERS,
    );
    this.#store.set('recentFolders', this.#folders);
  }
}

export const PREFERENCES_NAME = 'preferences';
