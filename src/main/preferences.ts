import Store from 'electron-store';
import { z } from 'zod';
import type { Box } from './windows/window-position.ts';

const MAX_FOLDERS = 12;
const boxSchema = z.object({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() });

/** The tray app's own small memory, in `<home>/app/preferences.json`. */
export class Preferences {
  readonly #store = new Store({ name: PREFERENCES_NAME, clearInvalidConfig: true });

  get windowBox(): Box | null {
    return boxSchema.nullable().catch(null).parse(this.#store.get('windowBox') ?? null);
  }

  set windowBox(box: Box) {
    this.#store.set('windowBox', box);
  }

  /** Newest first. */
  get recentFolders(): string[] {
    return z.array(z.string()).catch([]).parse(this.#store.get('recentFolders') ?? []);
  }

  rememberFolder(folder: string): void {
    const folders = [folder, ...this.recentFolders.filter((other) => other !== folder)];
    this.#store.set('recentFolders', folders.slice(0, MAX_FOLDERS));
  }
}

export const PREFERENCES_NAME = 'preferences';
