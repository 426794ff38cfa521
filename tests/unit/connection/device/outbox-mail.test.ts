import { expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { Outbox } from '../../../../src/connection/device/outbox.ts';
import type { Lock, Mailbox } from '../../../../src/connection/device/ports.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import { mailIdSchema, type MailId } from '../../../../src/protocol/relay.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { newCommandId, text } from '../../../integration/support/host-under-test.ts';
import { MemoryOutbox } from '../../../support/memory-outbox.ts';
import { settle } from './support.ts';

const HOUR_MS = 3_600_000;
const one = sessionIdSchema.parse('s_000000000001');
const other = sessionIdSchema.parse('s_000000000002');
const free: Lock = { hold: async (_signal, run) => await run() };

class FakeMailbox implements Mailbox {
  maxAgeMs: number | null = null;
  readonly changed = new Emitter<void>();
  readonly left: [MailId, string][] = [];
  answer: (prompt: string) => ReturnType<Mailbox['leave']> = () => Promise.resolve('left');
  #ids = 0;

  open(maxAgeMs: number | null = 24 * HOUR_MS): void {
    this.maxAgeMs = maxAgeMs;
    this.changed.emit();
  }

  newId(): MailId {
    this.#ids += 1;
    return mailIdSchema.parse(Buffer.alloc(16, this.#ids).toString('base64url'));
  }

  async leave({ params, method }: Parameters<Mailbox['leave']>[0], id: MailId) {
    const { prompt } = params as { prompt?: [{ text: string }] };
    const what = prompt?.[0].text ?? method;
    this.left.push([id, what]);
    return await this.answer(what);
  }

  get texts(): string[] {
    return this.left.map(([, what]) => what);
  }
}

function setUp(given: { store?: MemoryOutbox; timers?: FakeTimers } = {}) {
  const timers = given.timers ?? new FakeTimers();
  const store = given.store ?? new MemoryOutbox();
  const mailbox = new FakeMailbox();
  const asked: string[] = [];
  const outbox = new Outbox({
    ...{ store, timers, mailbox, lock: free },
    call: (method, params) => {
      const { prompt } = params as { prompt?: [{ text: string }] };
      asked.push(prompt?.[0].text ?? method);
      return Promise.resolve({ position: 0 } as never);
    },
  });
  const send = async (prompt: string, sessionId = one, commandId = newCommandId()) =>
    await outbox.send('session.send', { sessionId, commandId, prompt: text(prompt) });
  const states = (): string[] => outbox.entries.map(({ state }) => state);
  return { outbox, store, timers, mailbox, asked, send, states };
}

test('what waits is left once the mailbox opens, stays until the host answers, and is then sent as it is', async () => {
  const { outbox, mailbox, asked, send, states, timers, store } = setUp();
  await outbox.begin();
  const { answered } = await send('a');
  expect([states(), mailbox.texts]).toEqual([['waiting'], []]);
  mailbox.open();
  await settle();
  await send('b');
  await settle();
  const atMs = timers.nowMs();
  expect({ states: states(), texts: mailbox.texts, kept: await store.all() }).toMatchObject({
    states: ['left', 'left'],
    texts: ['a', 'b'],
    kept: [
      { mail: { id: mailbox.left[0]?.[0], left: { atMs, untilMs: atMs + 24 * HOUR_MS } } },
      { mail: { id: mailbox.left[1]?.[0] } },
    ],
  });
  mailbox.open(null);
  outbox.setUp(true);
  expect(await answered).toEqual({ position: 0 });
  await settle();
  expect([asked, states()]).toEqual([['a', 'b'], []]);
});

test('a page that is opened later knows what was left, and leaves it no second time', async () => {
  const first = setUp();
  await first.outbox.begin();
  first.mailbox.open();
  await first.send('a');
  await settle();
  first.outbox.stop();
  const second = setUp(first);
  second.mailbox.open();
  await second.outbox.begin();
  await settle();
  expect([second.states(), second.mailbox.texts]).toEqual([['left'], []]);
});

test('where the relay did not say so, it is left again under the same id', async () => {
  const { outbox, mailbox, send, states, timers } = setUp();
  await outbox.begin();
  mailbox.open();
  mailbox.answer = () => Promise.reject(new Error('no answer'));
  await send('a');
  await settle();
  expect(states()).toEqual(['mayBeLeft']);
  mailbox.answer = () => Promise.resolve('left');
  timers.advance(30_000);
  await settle();
  expect({ states: states(), ids: new Set(mailbox.left.map(([id]) => id)).size }).toEqual({
    states: ['left'],
    ids: 1,
  });
});

test('what the relay does not keep now it is asked for again; nothing is left before what it follows', async () => {
  const { outbox, mailbox, send, states, timers } = setUp();
  await outbox.begin();
  mailbox.open();
  mailbox.answer = (prompt) => Promise.resolve(prompt === 'a' ? 'later' : 'left');
  await send('a');
  await send('b');
  await send('c', other);
  await settle();
  expect([mailbox.texts.includes('b'), states()]).toEqual([
    false,
    ['waiting', 'waiting', 'waiting'],
  ]);
  mailbox.answer = () => Promise.resolve('left');
  timers.advance(30_000);
  await settle();
  expect(states()).toEqual(['left', 'left', 'left']);
});

test('behind what no mail has room for, or what is not for mail, nothing of its session is left', async () => {
  const { outbox, mailbox, send, states, timers } = setUp();
  await outbox.begin();
  mailbox.open();
  mailbox.answer = (prompt) => Promise.resolve(prompt === 'huge' ? 'tooBig' : 'left');
  await send('huge');
  await send('behind it');
  await outbox.send('session.cancel', { sessionId: other, commandId: newCommandId() });
  await send('behind that', other);
  await send('alone', sessionIdSchema.parse('s_000000000003'));
  await settle();
  timers.advance(HOUR_MS);
  await settle();
  expect([mailbox.texts, states()]).toEqual([
    ['huge', 'alone'],
    ['waiting', 'waiting', 'waiting', 'waiting', 'left'],
  ]);
});

test('what was left for longer than the relay keeps it is left again, as another mail', async () => {
  const { outbox, mailbox, send, states, timers } = setUp();
  await outbox.begin();
  mailbox.open(HOUR_MS);
  await send('a');
  await settle();
  timers.advance(HOUR_MS - 1);
  await settle();
  expect([states(), mailbox.texts]).toEqual([['left'], ['a']]);
  timers.advance(HOUR_MS);
  await settle();
  const [first, second] = mailbox.left;
  expect([states(), mailbox.texts, first?.[0] === second?.[0]]).toEqual([
    ['left'],
    ['a', 'a'],
    false,
  ]);
});

test('the host that comes in the middle is asked at once, and nothing more is left', async () => {
  const { outbox, mailbox, asked, send, states } = setUp();
  await outbox.begin();
  mailbox.open();
  let end: () => void = () => {};
  mailbox.answer = () => new Promise((_, reject) => (end = () => reject(new Error('closed'))));
  await send('a');
  await send('b');
  await settle();
  // As the mailbox of a relay does when the host comes.
  end();
  mailbox.open(null);
  outbox.setUp(true);
  await settle();
  expect([asked, mailbox.texts, states()]).toEqual([['a', 'b'], ['a'], []]);
});

test('a link that is tried again meanwhile, and comes to nothing, is no reason to leave less', async () => {
  const { outbox, mailbox, send, states } = setUp();
  await outbox.begin();
  mailbox.open();
  mailbox.answer = () => {
    // Connecting, and away again.
    outbox.setUp(false);
    return Promise.resolve('left');
  };
  await send('a');
  await send('b');
  await settle();
  expect([mailbox.texts, states()]).toEqual([
    ['a', 'b'],
    ['left', 'left'],
  ]);
});

test('what was refused, or taken back, is not left', async () => {
  const { outbox, mailbox, send } = setUp();
  await outbox.begin();
  const commandId = newCommandId();
  await send('a', one, commandId);
  await outbox.cancel(commandId);
  mailbox.open();
  await settle();
  expect(mailbox.texts).toEqual([]);
});

test('what was said and not surely answered may be at the relay, whatever it says later, also after a reload', async () => {
  const first = setUp();
  const { outbox, mailbox, send, states, timers } = first;
  await outbox.begin();
  mailbox.open();
  let end: () => void = () => {};
  mailbox.answer = () => new Promise((_, reject) => (end = () => reject(new Error('no answer'))));
  await send('a');
  await settle();
  expect(states()).toEqual(['mayBeLeft']);
  end();
  await settle();
  mailbox.answer = () => Promise.resolve('later');
  timers.advance(30_000);
  await settle();
  expect([states(), mailbox.texts]).toEqual([['mayBeLeft'], ['a', 'a']]);
  outbox.stop();
  const second = setUp(first);
  await second.outbox.begin();
  expect(second.states()).toEqual(['mayBeLeft']);
});

test('what the relay surely did not keep waits here, and is another mail the next time', async () => {
  const { outbox, mailbox, send, states, timers, store } = setUp();
  await outbox.begin();
  mailbox.open();
  mailbox.answer = () => Promise.resolve('later');
  await send('a');
  await settle();
  expect([states(), (await store.all())[0]?.mail]).toEqual([['waiting'], undefined]);
  timers.advance(30_000);
  await settle();
  expect(new Set(mailbox.left.map(([id]) => id)).size).toBe(2);
});

test('what was left for so long that the relay keeps it no more the host may have taken', async () => {
  const { outbox, mailbox, send, states, timers } = setUp();
  await outbox.begin();
  mailbox.open(HOUR_MS);
  await send('a');
  await settle();
  mailbox.answer = () => Promise.resolve('later');
  timers.advance(2 * HOUR_MS);
  await settle();
  expect([mailbox.texts, states()]).toEqual([['a', 'a'], ['mayBeLeft']]);
});

test('what is taken back in the moment in which it is to be left is not left', async () => {
  const { outbox, mailbox, send, store } = setUp();
  const remove = store.remove.bind(store);
  store.remove = async (commandId) => {
    await settle();
    await remove(commandId);
  };
  await outbox.begin();
  const commandId = newCommandId();
  await send('a', one, commandId);
  mailbox.open();
  await outbox.cancel(commandId);
  await settle();
  expect(mailbox.texts).toEqual([]);
});
