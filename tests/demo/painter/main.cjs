// A window that the demo draws into what has no window of its own: the tray and the terminal.
const { app, BrowserWindow } = require('electron');

app.setPath('userData', process.env.DEMO_PAINTER_DATA);
void app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 900, height: 700, webPreferences: { sandbox: true } });
  return window.loadURL('about:blank');
});
