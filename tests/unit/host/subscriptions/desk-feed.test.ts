import { expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { DeskFeed } from '../../../../src/host/subscriptions/desk-feed.ts';
import type { StateChange } from '../../../../src/host/event-log/event-log.ts';
import { MAX_UNACKED_BYTES } from '../../../../src/protocol/limits.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import type { EventBody } from '../../../../src/protocol/session/events.ts';
import { reduce } from '../../../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../../../src/protocol/session/state.ts';
import { createdBody, numbered } from '../../protocol/arbitrary-history.ts';

class MemoryDesk {
  readonly changed = new Emitter<StateChange>();
  readonly sent: string[] = [];
  bufferedBytes = 0;
  readonly #states = new Map<SessionId, SessionState>();
  readonly #later: (() => void)[] = [];

  states(): ReadonlyMap<SessionId, SessionState> {
    return this.#states;
  }

  happen(session: string, body: EventBody): void {
    const id = session as SessionId;
    const previous = this.#states.get(id) ?? null;
    const [event] = numbered([body], (previous?.lastSeq ?? 0) + 1);
    if (event === undefined) throw new Error('one event');
    const state = reduce(previous, event);
    this.#states.set(id, state);
    this.changed.emit({ state, previous });
  }

  notify(name: string, params: object): void {
    if ('session' in params) {
      const { id, title } = params.session as SessionState;
      this.sent.push(`${name} ${id} ${title}`);
    } else if ('approvals' in params)
      this.sent.push(
        `${name} ${(params.approvals as { id: string }[]).map(({ id }) => id).join()}`,
      );
  }

  follow(): DeskFeed {
    const later = (act: () => void): (() => void) => {
      this.#later.push(act);
      return () => this.#later.splice(this.#later.indexOf(act), 1);
    };
    return DeskFeed.open({ log: this, surface: this, later }).feed;
  }

  tick(): void {
    for (const act of this.#later.splice(0)) act();
  }

  get timers(): number {
    return this.#later.length;
  }
}

const a = 's_aaaaaaaaaaa1';
const titled = (title: string): EventBody => ({ type: 'session.titled', title, by: 'cli' });
const text: EventBody = { type: 'agent.text', text: 'x' };
const opened = (id: string): EventBody => ({
  type: 'approval.opened',
  approval: { id, createdAt: id } as never,
});

function desk(): MemoryDesk {
  const made = new MemoryDesk();
  made.happen(a, createdBody);
  return made;
}

test('it tells of a session when more than its numbers changed', () => {
  const log = desk();
  log.follow();
  log.tick();
  log.happen(a, text);
  log.happen(a, titled('two'));
  log.happen(a, titled('two'));
  expect(log.sent).toEqual([`desk.session ${a} two`]);
});

test('it tells of the open approvals when one comes or goes', () => {
  const log = desk();
  log.follow();
  log.tick();
  log.happen(a, opened('a_2'));
  log.happen(a, opened('a_1'));
  log.happen(a, { type: 'approval.closed', approvalId: 'a_2' as never, reason: 'cancelled' });
  expect(log.sent.filter((line) => line.startsWith('desk.approvals'))).toEqual([
    'desk.approvals a_2',
    'desk.approvals a_1,a_2',
    'desk.approvals a_1',
  ]);
});

test('what happens before the answer is on its way is told after it', () => {
  const log = desk();
  log.follow();
  log.happen(a, titled('two'));
  expect(log.sent).toEqual([]);
  log.tick();
  expect(log.sent).toEqual([`desk.session ${a} two`]);
});

test('while the socket is backed up only the newest of each session is kept, and told when it drains', () => {
  const log = desk();
  log.follow();
  log.tick();
  log.bufferedBytes = MAX_UNACKED_BYTES + 1;
  for (let i = 0; i < 1_000; i += 1) log.happen(a, titled(`t${i}`));
  log.happen(a, opened('a_1'));
  log.tick();
  expect([log.sent, log.timers]).toEqual([[], 1]);
  log.bufferedBytes = 0;
  log.tick();
  expect([log.sent, log.timers]).toEqual([[`desk.session ${a} t999`, 'desk.approvals a_1'], 0]);
});

test('after close it is silent and leaves no timer', () => {
  const log = desk();
  const feed = log.follow();
  log.happen(a, titled('two'));
  feed.close();
  log.tick();
  log.happen(a, titled('three'));
  expect([log.sent, log.timers]).toEqual([[], 0]);
});
