import { expect, test } from 'vitest';
import { Tray } from '../../../../src/main/tray/tray.ts';

test('renders once a tick, and only what differs', () => {
  const seen: string[] = [];
  const due: (() => void)[] = [];
  const tray = new Tray(
    {
      show: ({ lamp, isSafe }) => void seen.push(`lamp ${lamp}${isSafe ? ' on a lid' : ''}`),
      tell: (tooltip) => void seen.push(tooltip),
      offer: (menu) => void seen.push(`menu of ${menu.length}`),
    },
    (render) => void due.push(render),
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
