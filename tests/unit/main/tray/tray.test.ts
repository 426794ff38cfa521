import { expect, test } from 'vitest';
import { Tray } from '../../../../src/main/tray/tray.ts';
import { session } from './tray-samples.ts';
import { asks } from './attention-samples.ts';

test('renders once a tick, and only what differs', () => {
  const seen: string[] = [];
  const due: (() => void)[] = [];
  const tray = new Tray(
    {
      show: ({ lamp, isSafe }) => void seen.push(`lamp ${lamp}${isSafe ? ' on a lid' : ''}`),
      tell: (tooltip) => void seen.push(tooltip),
      offer: (menu) => void seen.push(`menu of ${menu.length}`),
    },
    { nowMs: () => 0, soon: (render) => void due.push(render), inAMinute: () => {} },
  );
  const tick = (): string[] => {
    for (const render of due.splice(0)) render();
    return seen.splice(0);
  };

  tray.update({ link: { kind: 'connecting' } });
  tray.update({ link: { kind: 'connected' } });
  expect(tick()).toEqual(['lamp idle', 'All is quiet.', 'menu of 10']);

  tray.update({ sessions: [] });
  expect(tick()).toEqual([]);

  tray.update({ link: { kind: 'away', reason: 'Gone' } });
  expect(tick()).toEqual(['lamp problem', 'Porchlight: Gone.', 'menu of 10']);

  tray.update({ failure: 'No.' });
  expect(tick()).toEqual(['menu of 11']);
});

test('says once a minute how long something waits, and ticks for nothing else', () => {
  const said: string[] = [];
  const minutes: (() => void)[] = [];
  const start = Date.parse('2026-11-21T08:00:00.000Z');
  let nowMs = start;
  const tray = new Tray(
    { show: () => {}, tell: (tooltip) => void said.push(tooltip), offer: () => {} },
    {
      nowMs: () => nowMs,
      soon: (render) => render(),
      inAMinute: (render) => void minutes.push(render),
    },
  );
  const pass = (): void => {
    nowMs += 60_000;
    for (const render of minutes.splice(0)) render();
  };
  tray.update({ link: { kind: 'connected' }, sessions: [session(1, { approvals: 1 })] });
  const before = minutes.length;
  tray.update({
    sessions: [session(1, { interrupted: true })],
    attention: asks(start, 'decision'),
  });
  // However much changes meanwhile.
  for (let n = 0; n < 50; n += 1) tray.update({ failure: `${n}` });
  const while1 = minutes.length;
  pass();
  pass();
  tray.update({ sessions: [], attention: asks(start) });
  pass();
  expect([before, while1, minutes.length, said]).toEqual([
    0,
    1,
    0,
    [
      '1 working.',
      '1 needs you: Mend the login. 1 working.',
      '1 needs you for 1 min: Mend the login. 1 working.',
      '1 needs you for 2 min: Mend the login. 1 working.',
      'All is quiet.',
    ],
  ]);
});
