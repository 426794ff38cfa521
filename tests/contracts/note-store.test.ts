import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/relay/clock.ts';
import { FileStore } from '../../src/relay/notes/file-store.ts';
import { describe } from 'vitest';
import { MemoryNoteStore } from '../fakes/memory-note-store.ts';
import { noteStoreContract } from './note-store.ts';

describe('in files', () => {
  noteStoreContract(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'porchlight-notes-'));
    const make = () => new FileStore(join(folder, 'notes'), systemClock, () => {});
    const stores = [make()];
    return {
      store: stores[0] ?? make(),
      reopened: () => {
        const again = make();
        stores.push(again);
        return again;
      },
      end: async () => {
        for (const store of stores) await store.close().catch(() => {});
        await rm(folder, { recursive: true });
      },
    };
  });
});

describe('in memory, for other tests', () => {
  noteStoreContract(async () => {
    const store = new MemoryNoteStore();
    return await Promise.resolve({
      store,
      reopened: () => store.afterKill(),
      end: async () => await Promise.resolve(),
    });
  });
});
