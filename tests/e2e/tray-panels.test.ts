import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { ElectronApplication } from 'playwright-core';
import { homeOf } from '../../src/local/home.ts';
import { commandIdSchema } from '../../src/protocol/ids.ts';
import { FakeHost, listen, type Listening } from '../fakes/fake-host.ts';
import { startDesktop, type DesktopSession } from './support/desktop-session.ts';
import { launchApp, root } from './support/tray-app.ts';
import { missingForXfce, startXfcePanel } from './support/xfce-panel.ts';

const TEST_LIMIT_MS = 60_000;

let desktop: DesktopSession;
let listening: Listening;
let app: ElectronApplication | null = null;
const host = new FakeHost();

async function homeWithHost(): Promise<string> {
  const home = homeOf({ PORCHLIGHT_HOME: join(desktop.folder, 'home') });
  mkdirSync(home.root, { mode: 0o700 });
  listening = await listen(host, home.hostSocket);
  return home.root;
}

afterEach(async () => {
  await app?.close();
  app = null;
  await listening.close();
  await desktop.stop();
});

describe('on other desktops', { timeout: TEST_LIMIT_MS }, () => {
  test('without a tray the window opens by itself and says why', async () => {
    desktop = await startDesktop({ panel: false });
    app = await launchApp(desktop, await homeWithHost(), { args: ['--hidden'] });
    const page = app.windows()[0] ?? (await app.waitForEvent('window'));
    await page.getByText('This desktop shows no tray icons').waitFor();
  });

  const missing = missingForXfce();
  test.skipIf(missing.length > 0)(
    `xfce4-panel shows the lamp and its menu${missing.length > 0 ? ` (missing: ${missing.join(', ')})` : ''}`,
    async () => {
      desktop = await startDesktop({ panel: false });
      const panel = await startXfcePanel(desktop);
      try {
        const id = host.addSession({ title: 'Mend the gate', cwd: '/home/ada/gate' });
        host.append(id, {
          type: 'turn.started',
          turn: 1,
          commandId: commandIdSchema.parse('0198c0de-0000-7000-8000-000000000001'),
        });
        app = await launchApp(desktop, await homeWithHost(), {
          args: ['--hidden'],
          env: { XDG_CURRENT_DESKTOP: 'XFCE' },
        });
        const folder = join(root, 'dist', 'screenshots');
        const [quiet, open] = [join(folder, 'tray-xfce.png'), join(folder, 'tray-xfce-menu.png')];
        await expect
          .poll(() => host.calls.some(({ method }) => method === 'agents.list'), {
            timeout: 10_000,
          })
          .toBe(true);
        // What a panel paints, and when, only its pixels tell.
        await expect
          .poll(async () => (await panel.screenshot(quiet), await panel.paintedTrayPixels(quiet)), {
            timeout: 10_000,
          })
          .toBeGreaterThan(20);
        await panel.openMenu();
        await expect
          .poll(async () => (await panel.screenshot(open), statSync(open).size), {
            timeout: 10_000,
          })
          .toBeGreaterThan(statSync(quiet).size + 1_000);
      } finally {
        await panel.stop();
      }
    },
  );
});
