import { app } from 'electron';

/**
 * Chromium's network service in our own process: a tray app that speaks to nobody has no use for a
 * process of its own for that, and saves a tenth of its memory (20 MB of 165, measured with Electron 33).
 */
export function leanChromium(): void {
  const given = app.commandLine.getSwitchValue('enable-features');
  const features = ['NetworkServiceInProcess2', ...(given === '' ? [] : [given])];
  app.commandLine.appendSwitch('enable-features', features.join(','));
}
