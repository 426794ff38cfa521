import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { startDesktop } from '../../e2e/support/desktop-session.ts';
import { chromiumOf } from '../../e2e/support/window-browser.ts';
import { NotificationDaemon } from '../../fakes/notification-daemon.ts';
import type { Launch } from './phones.ts';

/** A desktop with notifications, for one Chromium that shows its own there: headless it shows none. */
export interface NotifyingDesktop {
  readonly daemon: NotificationDaemon;
  readonly launch: Launch;
  stop(): Promise<void>;
}

/** null: there can be one here. */
export function whyNoDesktop(): string | null {
  const missing = ['Xvfb', 'dbus-daemon'].filter(
    (program) => spawnSync(program, ['--version']).error !== undefined,
  );
  return missing.length === 0 ? null : `NO ${missing.join(', ')}, so not tested`;
}

export async function startNotifyingDesktop(): Promise<NotifyingDesktop> {
  const desktop = await startDesktop({ panel: false });
  const { DBUS_SESSION_BUS_ADDRESS: bus = '' } = desktop.env;
  const daemon = await NotificationDaemon.start(bus);
  const env = Object.fromEntries(
    Object.entries(desktop.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  const open: BrowserContext[] = [];
  const launch: Launch = async (args) => ({
    // The profiles of `newContext` are private ones: Chromium 156 shows their notifications, and no click
    // on them arrives.
    newContext: async (options) => {
      const folder = join(desktop.folder, 'profile');
      const how = { ...chromiumOf(args), headless: false, env, ...options };
      const context = await chromium.launchPersistentContext(folder, how);
      open.push(context);
      return context;
    },
    close: async () => {
      for (const context of open.splice(0)) await context.close();
    },
  });
  const stop = async (): Promise<void> => {
    for (const context of open.splice(0)) await context.close();
    daemon.stop();
    await desktop.stop();
  };
  return { daemon, launch, stop };
}
