import { app, Menu, type MenuItemConstructorOptions } from 'electron';

/**
 * Only what the platform expects (copy and paste on macOS hang on it). Electron's own menu would
 * bring links to its site, and keys that the window uses otherwise.
 */
export function setAppMenu(isMac: boolean): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' as const }]),
  ];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(isMac ? [{ role: 'appMenu' as const }] : []),
      { role: 'editMenu' },
      { label: 'View', submenu: view },
      { role: 'windowMenu' },
    ]),
  );
}
