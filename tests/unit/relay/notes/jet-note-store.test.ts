import { afterEach, expect, test, vi } from 'vitest';
import type { JetApi } from '../../../../src/relay/cluster/jet.ts';
import { JetNoteStore } from '../../../../src/relay/notes/jet-note-store.ts';
import { RelayClock } from '../../../support/relay-clock.ts';

afterEach(() => void vi.useRealTimers());

/** Messages that never come, until they are stopped. */
class Stalled {
  isOpen = true;
  #end: () => void = () => {};

  async close(): Promise<void> {
    this.isOpen = false;
    this.#end();
    await Promise.resolve();
  }

  [Symbol.asyncIterator](): AsyncIterator<never> {
    const end = new Promise<void>((resolve) => (this.#end = resolve));
    return { next: async () => await end.then(() => ({ done: true, value: undefined })) };
  }
}

test('a reading that stalls is stopped when its time is over, and leaves nothing open', async () => {
  vi.useFakeTimers();
  const begun: Stalled[] = [];
  // As much of JetStream as reading takes.
  const api = {
    client: {
      publish: async () => await Promise.resolve({ seq: 1 }),
      consumers: {
        get: async () =>
          await Promise.resolve({
            consume: async () => {
              begun.push(new Stalled());
              return await Promise.resolve(begun.at(-1));
            },
          }),
      },
    },
  } as unknown as JetApi;
  const jet = {
    limit: (limitMs: number) => () => limitMs,
    try: async <T>(_plan: unknown, _limitMs: number, act: (api: JetApi) => Promise<T>) =>
      await act(api),
    once: async <T>(_plan: unknown, act: (api: JetApi) => Promise<T>) => await act(api),
  };
  const clock = new RelayClock();
  const store = new JetNoteStore({ jet, prefix: 'test', clock, onFailed: () => {} });
  const opened = store.open().catch((error: unknown) => String(error));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await opened).toContain('Reading them took longer than 10000 ms');
  expect(begun.map(({ isOpen }) => isOpen)).toEqual([false]);
});
