import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withDeadline } from '../../src/base/deadline.ts';
import { treeOf } from '../bench/process-memory.ts';
import { expected, play, type Tray } from '../integration/crash-matrix/cell.ts';
import { MOMENTS, type Moment } from '../integration/crash-matrix/expectations.ts';
import { killHard } from '../integration/support/processes.ts';
import { startDesktop, type DesktopSession } from './support/desktop-session.ts';
import { startTrayApp, type TrayApp } from './support/tray-app.ts';

const LIMIT_MS = 30_000;

let desktop: DesktopSession;
beforeAll(async () => {
  desktop = await startDesktop();
});
afterAll(async () => {
  await desktop.stop();
});

/** The real tray app with its window, as a bystander of the session until it is killed. */
function realTray(): Tray {
  let app: TrayApp | null = null;
  return {
    start: async ({ home }) => {
      const started = await startTrayApp(desktop, home.root);
      app = started;
      await started.tray.until('the host', LIMIT_MS, async () =>
        (await started.tray.tooltip()) === 'All is quiet.' ? true : null,
      );
    },
    kill: async () => {
      if (app === null) throw new Error('There is no tray app.');
      for (const pid of treeOf([app.pid])) killHard(pid);
      await withDeadline(app.ended, LIMIT_MS, 'The end of the tray app');
    },
  };
}

describe('killed: the tray app', () => {
  test.each(Object.keys(MOMENTS) as Moment[])('at the moment: %s', async (moment) => {
    expect(await play('tray', moment, realTray())).toEqual(expected('tray', moment));
  });
});
