import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Keepers } from '../../../../src/host/rules/safe-read.ts';

const folders: string[] = [];

/** A folder of its own with its links resolved, removed after the test. */
export function ownFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'porchlight-rules-')));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export const ME: Keepers = { owners: [process.getuid?.() ?? 0], ownGroup: null };
