import { readdir, lstat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of all files below; what disappears while it looks does not count. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  const pending = [folder];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const here = next;
    const entries = await readdir(here, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(here, entry.name);
      if (entry.isDirectory()) pending.push(path);
      else if (entry.isFile())
        bytes += await lstat(path).then(
          ({ size }) => size,
          () => 0,
        );
    }
  }
  return bytes;
}
