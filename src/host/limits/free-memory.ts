import { freemem } from 'node:os';
import { linuxFreeMemory } from './free-memory.linux.ts';
import { macosFreeMemory } from './free-memory.macos.ts';

/** What new programs may still use, in bytes; null where it cannot be told. */
export function freeMemoryFor(platform: NodeJS.Platform): () => Promise<number | null> {
  if (platform === 'linux') return async () => linuxFreeMemory();
  if (platform === 'darwin') return macosFreeMemory;
  // On Windows this is what is available, pages in standby included.
  return async () => freemem();
}
