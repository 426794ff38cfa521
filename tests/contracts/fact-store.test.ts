import { describe } from 'vitest';
import { MemoryFactStore } from '../fakes/memory-fact-store.ts';
import { factStoreContract } from './fact-store.ts';

describe('facts in memory, for other tests', () => {
  factStoreContract(async () => {
    const store = new MemoryFactStore();
    return await Promise.resolve({
      store,
      other: new MemoryFactStore(store),
      end: async () => await store.close(),
    });
  });
});
