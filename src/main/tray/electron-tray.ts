import {
  Menu,
  nativeImage,
  nativeTheme,
  Tray as SystemTray,
  type MenuItemConstructorOptions,
  type NativeImage,
} from 'electron';
import { join } from 'node:path';
import { trayIconFile, type Picture } from './tray-icon.ts';
import type { MenuEntry, TrayAction } from './menu-entry.ts';
import type { TrayIcon } from './tray.ts';

export interface ElectronTray extends TrayIcon {
  destroy(): void;
}

/**
 * The tray icon of Electron: a StatusNotifierItem on Linux, XEmbed where no watcher runs. `perform`
 * gets what is chosen; a plain click opens the window.
 */
export function electronTray(icons: string, perform: (action: TrayAction) => void): ElectronTray {
  let shown: Picture = { lamp: 'idle', isSafe: false };
  const image = (): NativeImage => {
    const file = trayIconFile(
      shown,
      process.platform,
      nativeTheme.shouldUseDarkColors,
      process.env.XDG_CURRENT_DESKTOP,
    );
    return nativeImage.createFromPath(join(icons, file));
  };
  const tray = new SystemTray(image());
  tray.on('click', () => perform({ do: 'open' }));
  const repaint = (): void => tray.setImage(image());
  nativeTheme.on('updated', repaint);
  return {
    show: (picture) => {
      if (picture.lamp === shown.lamp && picture.isSafe === shown.isSafe) return;
      shown = picture;
      repaint();
    },
    tell: (tooltip) => tray.setToolTip(tooltip),
    offer: (menu) =>
      tray.setContextMenu(Menu.buildFromTemplate(menu.map((entry) => item(entry, perform)))),
    destroy: () => {
      nativeTheme.off('updated', repaint);
      tray.destroy();
    },
  };
}

function item(entry: MenuEntry, perform: (action: TrayAction) => void): MenuItemConstructorOptions {
  if (entry === 'separator') return { type: 'separator' };
  const { label, does, checked, below } = entry;
  return {
    // An ampersand marks the next letter as the key for the item; a shell command is full of them.
    label: label.replaceAll('&', '&&'),
    enabled: does !== undefined || below !== undefined,
    ...(checked !== undefined && { type: 'checkbox', checked }),
    ...(does && { click: () => perform(does) }),
    ...(below && { submenu: below.map((line) => item(line, perform)) }),
  };
}
