import { beforeEach, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Attention, AttentionItem } from '../../../../src/protocol/attention.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import type { NotificationParams } from '../../../../src/protocol/methods.ts';
import { DesktopEnd } from '../../../../src/main/notifications/desktop-end.ts';
import type { Notice, NoticeEvents } from '../../../../src/main/notifications/desktop-notices.ts';

const SESSION = sessionIdSchema.parse('s_000000000001');

interface Standing extends Notice {
  readonly events: NoticeEvents;
  isOpen: boolean;
}

let standing: Standing[];
let happened: unknown[];
let end: DesktopEnd;

beforeEach(() => {
  standing = [];
  happened = [];
  end = new DesktopEnd({
    host: {
      call: async (method, params) => {
        happened.push([method, params]);
        throw new Error('The host is away.');
      },
      tell: (name, params) => void happened.push([name, params]),
    },
    ways: {
      show: (notice, events) => {
        const one = { ...notice, events, isOpen: true };
        standing.push(one);
        return { close: () => void (one.isOpen = false) };
      },
    },
    log: silentLogger,
    show: (target) => void happened.push(['show', target]),
  });
});

function show(id: string, given: Partial<NotificationParams<'desktop.show'>['item']> = {}): void {
  const item = { id, kind: 'decision' as const, title: id, text: 'Run it', ...given };
  end.heard({ name: 'desktop.show', params: { item, loud: false } });
}
const open = (): string[] => standing.filter(({ isOpen }) => isOpen).map(({ title }) => title);
const attention = (...ids: string[]): Attention => ({
  items: ids.map((id): AttentionItem => ({
    id,
    kind: 'decision',
    title: id,
    text: '',
    since: '2026-11-21T08:00:00.000Z',
    seenAt: null,
    told: [],
  })),
  quietUntil: null,
});

describe('this desktop as a place that a person is told at', () => {
  test('a click goes to the session, or to all that asks where there is none', () => {
    show('a', { sessionId: SESSION });
    show('digest:desktop');
    for (const { events } of standing) events.clicked();
    expect([happened, open()]).toEqual([
      [
        ['show', { screen: 'session', sessionId: SESSION }],
        ['attention.seen', { ids: ['a'] }],
        ['show', { screen: 'attention' }],
        ['attention.seen', { ids: ['digest:desktop'] }],
      ],
      [],
    ]);
  });

  test('one that failed is told with its problem, and is no more there to be taken back', () => {
    show('a');
    standing[0]?.events.shown('It cannot.');
    end.heard({ name: 'desktop.withdraw', params: { ids: ['a'] } });
    expect([happened, standing[0]?.isOpen]).toEqual([
      [['desktop.shown', { id: 'a', problem: 'It cannot.' }]],
      true,
    ]);
  });

  test('one that was replaced says nothing about its successor', () => {
    show('a');
    show('a');
    standing[0]?.events.closed();
    end.heard({ name: 'desktop.withdraw', params: { ids: ['a'] } });
    expect(standing.map(({ isOpen }) => isOpen)).toEqual([false, false]);
  });

  test('a host that is back keeps what still asks; a digest for as long as anything does', () => {
    for (const id of ['a', 'b', 'digest:desktop']) show(id);
    end.followed(attention('b', 'c'));
    const first = open();
    end.followed(attention());
    expect([first, open(), happened]).toEqual([
      ['b', 'digest:desktop'],
      [],
      [
        ['desktop.follow', {}],
        ['desktop.follow', {}],
      ],
    ]);
  });

  test('an older host is asked nothing', () => {
    show('a');
    end.followed(null);
    expect([open(), happened]).toEqual([[], []]);
  });
});
