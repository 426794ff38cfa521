// The least that is a tray app: what the tray app's start and memory are compared with.
const { app, Menu, nativeImage, Tray } = require('electron');

app.setPath('userData', process.env.BARE_TRAY_DATA);
app.on('window-all-closed', () => {});
void app.whenReady().then(() => {
  globalThis.tray = new Tray(nativeImage.createFromPath(process.env.BARE_TRAY_ICON));
  globalThis.tray.setContextMenu(
    Menu.buildFromTemplate([{ label: 'Quit', click: () => app.quit() }]),
  );
});
