import { beforeEach, describe, expect, it } from 'vitest';
import type { Subscription } from '../../../../src/host/api/surface-connection.ts';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import { Desktop, type DesktopSurface } from '../../../../src/host/channels/desktop.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

const notice: Notice = {
  ...{ id: 'a_1', round: 1, kind: 'decision', title: 'Fix the tests', loud: true },
  ...{ body: 'x'.repeat(500), bare: '', at: '2026-03-01T10:00:00.000Z' },
};

class Tray implements DesktopSurface {
  readonly told: { name: string; params: unknown }[] = [];
  #held: Subscription | null = null;

  notify: DesktopSurface['notify'] = (name, params) => {
    this.told.push({ name, params });
  };

  hold: DesktopSurface['hold'] = (_, make) => {
    this.#held ??= make();
  };

  leave(): void {
    this.#held?.close();
  }
}

let timers: FakeTimers;
let desktop: Desktop;
beforeEach(() => {
  timers = new FakeTimers();
  desktop = new Desktop(timers);
});
const shown = (surface: DesktopSurface, problem: string | null, id = 'a_1') =>
  desktop.heard(surface, { name: 'desktop.shown', params: { id, problem } });
const show = async () => await desktop.carrier()?.show(notice, 1, false);

describe('the desktop', () => {
  it('is no place while nobody follows it', () => {
    expect(desktop.carrier()).toBeNull();
  });

  it('is shown by the surface that asked, and believed when that says so', async () => {
    const tray = new Tray();
    desktop.follow(tray);
    const showing = show();
    shown(tray, null, 'another');
    shown(new Tray(), 'not mine');
    shown(tray, null);
    expect([await showing, tray.told, timers.pendingMs]).toEqual([
      { kind: 'handed', status: null },
      [
        {
          name: 'desktop.show',
          params: {
            item: {
              ...{ id: 'a_1', kind: 'decision', title: 'Fix the tests' },
              text: `${'x'.repeat(399)}…`,
            },
            loud: true,
          },
        },
      ],
      [],
    ]);
  });

  it('says why it was not shown, and does not wait for ever', async () => {
    const tray = new Tray();
    desktop.follow(tray);
    const refused = show();
    shown(tray, 'no notification service');
    const hanging = show();
    timers.advance(5_000);
    const gone = show();
    tray.leave();
    expect([await refused, await hanging, await gone, desktop.carrier()]).toMatchObject([
      { kind: 'never', problem: 'The desktop did not show it: no notification service' },
      { kind: 'again', mayBeThere: true },
      { kind: 'again', mayBeThere: true, problem: 'The tray app has gone.' },
      null,
    ]);
  });

  it('is the newest that followed, and the one before when that leaves', async () => {
    const [old, young] = [new Tray(), new Tray()];
    desktop.follow(old);
    desktop.follow(young);
    desktop.follow(young);
    await desktop.carrier()?.withdraw(['a_1'], 0, 0);
    young.leave();
    await desktop.carrier()?.withdraw(['b'], 0, 0);
    expect([old.told, young.told]).toEqual([
      [{ name: 'desktop.withdraw', params: { ids: ['b'] } }],
      [{ name: 'desktop.withdraw', params: { ids: ['a_1'] } }],
    ]);
  });
});
