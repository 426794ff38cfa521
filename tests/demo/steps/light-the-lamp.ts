import type { Step } from '../step.ts';

export const lightTheLamp: Step = {
  name: 'the tray app starts',
  async run(stage) {
    await stage.startApp();
    await stage.trayTells('All is quiet.');
    await stage.connect();
    await stage.shootTray('lamp');
    return 'The tray app starts in a home of its own: the lamp is in the tray, all is quiet.';
  },
};
