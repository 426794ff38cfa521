import { expect, test } from 'vitest';
import { kindWords, whatWords, whoWords } from '../../../../../renderer/features/log/log-words.ts';

test('an entry says to people what it is about, and leaves out what only machines read', () => {
  const what = {
    agent: 'demo',
    allowed: false,
    approval: 'a_nj3cygk0r4s3',
    call: 'e4'.repeat(32),
    kind: 'execute',
    rule: { source: 'user', id: 'r_1', text: 'deny command "git push"' },
    session: 's_1',
    reason: null,
    until: '2026-11-22T08:00:00.000Z',
  };
  const words = whatWords(
    what,
    (id) => (id === 's_1' ? 'Slugs' : undefined),
    () => '08:00',
  );
  expect(words).toBe(
    'agent: demo · denied · Run a command · rule: deny command "git push" · session: Slugs · until: 08:00',
  );
});

test('who did it is a person on a device, or a surface; a kind of a newer host stands for itself', () => {
  expect([
    whoWords({ surface: 'device', device: { id: 'd_1' as never, name: 'Pixel 9' }, person: 'Ada' }),
    whoWords({ surface: 'host' }),
    kindWords('decided'),
    kindWords('teleported'),
  ]).toEqual(['Ada, Pixel 9', 'host', 'Decided', 'teleported']);
});
