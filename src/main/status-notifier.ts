import { askBus } from './session-bus.ts';

/**
 * Why the tray icon may not be visible, as a sentence for the window, or null when a panel shows it.
 * Stock GNOME shows no tray icons; other panels without a watcher get the old XEmbed kind, without a menu we can trust.
 */
export async function missingTray(platform: NodeJS.Platform): Promise<string | null> {
  if (platform !== 'linux') return null;
  const answer = await askBus({
    service: 'org.freedesktop.DBus',
    path: '/org/freedesktop/DBus',
    interface: 'org.freedesktop.DBus',
    method: 'NameHasOwner',
    text: 'org.kde.StatusNotifierWatcher',
  });
  return answer.kind === 'said' && /\btrue\b/.test(answer.text) ? null : NOTICE;
}

const NOTICE =
  'This desktop shows no tray icons (there is no StatusNotifierWatcher on the session bus), so Porchlight opened its window. On GNOME the extension “AppIndicator and KStatusNotifierItem Support” adds them.';
