import { describe } from 'vitest';
import { MemoryMailStore } from '../fakes/memory-mail-store.ts';
import { mailStoreContract } from './mail-store.ts';

describe('mail in memory, for other tests', () => {
  mailStoreContract(async (limits) => {
    let nowMs = 1_000_000;
    const store = new MemoryMailStore(limits, () => nowMs);
    return await Promise.resolve({
      store,
      other: store,
      nowMs: () => nowMs,
      pass: async (ms) => await Promise.resolve(void (nowMs += ms)),
      end: async () => await store.close(),
    });
  });
});
