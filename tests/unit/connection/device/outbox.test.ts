import { expect, test } from 'vitest';
import {
  MAX_OUTBOX_AGE_MS,
  MAX_OUTBOX_ENTRIES,
  Outbox,
  OutboxFull,
} from '../../../../src/connection/device/outbox.ts';
import type { Lock } from '../../../../src/connection/device/ports.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { newCommandId, text } from '../../../integration/support/host-under-test.ts';
import { MemoryOutbox } from '../../../support/memory-outbox.ts';
import { settle } from './support.ts';

const one = sessionIdSchema.parse('s_000000000001');
const other = sessionIdSchema.parse('s_000000000002');
const free: Lock = { hold: async (_signal, run) => await run() };

function setUp(given: { lock?: Lock; store?: MemoryOutbox; timers?: FakeTimers } = {}) {
  const timers = given.timers ?? new FakeTimers();
  const store = given.store ?? new MemoryOutbox();
  const asked: string[] = [];
  /** What the host says to a prompt; the link is cut where it rejects with a plain error. */
  const host = {
    answer: (_prompt: string): Promise<unknown> => Promise.resolve({ position: 0 }),
  };
  const outbox = new Outbox({
    store,
    timers,
    lock: given.lock ?? free,
    call: async (_method, params) => {
      // Only `session.send` is sent here.
      const { prompt } = params as unknown as { prompt: [{ text: string }] };
      asked.push(prompt[0].text);
      return (await host.answer(prompt[0].text)) as never;
    },
  });
  const send = async (prompt: string, sessionId = one, commandId = newCommandId()) =>
    await outbox.send('session.send', { sessionId, commandId, prompt: text(prompt) });
  const states = (): string[] => outbox.entries.map(({ state, refused }) => refused ?? state);
  return { outbox, store, timers, asked, host, send, states };
}

test('keeps what is said offline and sends it in order when the link is up', async () => {
  const { outbox, asked, send, states } = setUp();
  await outbox.begin();
  const { answered } = await send('a');
  await send('b');
  expect([asked, states()]).toEqual([[], ['waiting', 'waiting']]);
  outbox.setUp(true);
  expect(await answered).toEqual({ position: 0 });
  await settle();
  expect([asked, states()]).toEqual([['a', 'b'], []]);
});

test('sends again with the same id what was cut off, and nothing of that session before it', async () => {
  const { outbox, asked, host, send, store } = setUp();
  const commandId = newCommandId();
  await outbox.begin();
  outbox.setUp(true);
  host.answer = () => {
    outbox.setUp(false);
    return Promise.reject(new Error('The connection closed: cut'));
  };
  const { answered } = await send('a', one, commandId);
  await send('b');
  await settle();
  expect([asked, (await store.all()).length]).toEqual([['a'], 2]);
  host.answer = () => Promise.resolve('done');
  outbox.setUp(true);
  expect(await answered).toBe('done');
  await settle();
  expect([asked, await store.all()]).toEqual([['a', 'a', 'b'], []]);
});

test('a page that is opened later sends what an earlier one left', async () => {
  const store = new MemoryOutbox();
  const first = setUp({ store });
  await first.outbox.begin();
  await first.send('from before');
  first.outbox.stop();
  const second = setUp({ store });
  await second.outbox.begin();
  second.outbox.setUp(true);
  await settle();
  expect([first.asked, second.asked, await store.all()]).toEqual([[], ['from before'], []]);
});

test('shows what the host refused until it is put away, and goes on with the rest', async () => {
  const { outbox, host, send, states, store } = setUp();
  await outbox.begin();
  outbox.setUp(true);
  host.answer = (prompt) =>
    prompt === 'bad'
      ? Promise.reject(new RpcFailure('refused', 'That session has ended.'))
      : Promise.resolve({});
  const commandId = newCommandId();
  const { answered } = await send('bad', one, commandId);
  await send('good');
  await expect(answered).rejects.toThrow('That session has ended.');
  await settle();
  expect(states()).toEqual(['That session has ended.']);
  await outbox.cancel(commandId);
  expect([states(), await store.all()]).toEqual([[], []]);
});

test('refuses by itself what has waited for more than seven days', async () => {
  const { outbox, asked, timers, send, states } = setUp();
  await outbox.begin();
  await send('old');
  timers.advance(MAX_OUTBOX_AGE_MS);
  await send('young');
  timers.advance(1);
  outbox.setUp(true);
  await settle();
  expect([asked, states()]).toEqual([
    ['young'],
    ['It waited for more than 7 days and was not sent.'],
  ]);
});

test('one session does not wait for another', async () => {
  const { outbox, asked, host, send } = setUp();
  await outbox.begin();
  outbox.setUp(true);
  host.answer = (prompt) => (prompt === 'slow' ? new Promise(() => {}) : Promise.resolve({}));
  await send('slow', one);
  await settle();
  await send('after it', one);
  await send('quick', other);
  await settle();
  expect(asked).toEqual(['slow', 'quick']);
});

test('asks again when the link is up and no answer came', async () => {
  const { outbox, asked, host, timers, send } = setUp();
  await outbox.begin();
  outbox.setUp(true);
  host.answer = () => Promise.reject(new Error('session.send took longer than 310000 ms'));
  await send('a');
  await settle();
  host.answer = () => Promise.resolve({});
  timers.advance(5_000);
  await settle();
  expect(asked).toEqual(['a', 'a']);
});

test('says so when no more can wait', async () => {
  const { outbox, send } = setUp();
  await outbox.begin();
  for (let i = 0; i < MAX_OUTBOX_ENTRIES; i += 1) await send(`${i}`);
  await expect(send('one more')).rejects.toThrow(OutboxFull);
  const big = setUp();
  await big.outbox.begin();
  await big.send('x'.repeat(9 * 1024 * 1024));
  await expect(big.send('y'.repeat(9 * 1024 * 1024))).rejects.toThrow('over 16 MiB');
  expect(big.outbox.entries).toHaveLength(1);
});

test('two pages send each command once', async () => {
  const store = new MemoryOutbox();
  const timers = new FakeTimers();
  const turn = { last: Promise.resolve() as Promise<unknown> };
  const lock: Lock = {
    hold: async (_signal, run) => {
      const mine = turn.last.then(run);
      turn.last = mine.catch(() => {});
      return await mine;
    },
  };
  const pages = [setUp({ store, lock, timers }), setUp({ store, lock, timers })];
  for (const { outbox } of pages) await outbox.begin();
  await pages[0]!.send('a');
  await pages[1]!.send('b');
  for (const { outbox } of pages) outbox.setUp(true);
  await settle();
  expect(pages.flatMap(({ asked }) => asked).sort()).toEqual(['a', 'b']);
  expect(pages.map(({ states }) => states())).toEqual([[], []]);
});

test('a page that sleeps on the lock does not hold the others up for ever', async () => {
  const lock: Lock = {
    hold: async (signal) =>
      await new Promise((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('gave up'))),
      ),
  };
  const { outbox, asked, timers, send } = setUp({ lock });
  await outbox.begin();
  outbox.setUp(true);
  await send('a');
  await settle();
  expect(asked).toEqual([]);
  timers.advance(10_000);
  await settle();
  expect(asked).toEqual(['a']);
});

test('says so when the device cannot store it', async () => {
  const store = new MemoryOutbox();
  store.put = () => Promise.reject(new Error('The storage is full.'));
  const { outbox, send } = setUp({ store });
  await outbox.begin();
  await expect(send('a')).rejects.toThrow('The storage is full.');
  expect(outbox.entries).toEqual([]);
});
