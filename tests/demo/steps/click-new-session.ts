import type { Step } from '../step.ts';

const LINE = ['New session…', 'Try it with the demo agent'];

export const clickNewSession: Step = {
  name: 'New session is clicked in the tray menu',
  async run(stage) {
    await stage.shootTray('tray-menu', LINE);
    await stage.app.tray.click(LINE);
    const { page } = await stage.window();
    await page.getByRole('dialog', { name: 'New session' }).waitFor();
    return '"New session… › Try it with the demo agent" is clicked in the tray menu: the window opens and asks where.';
  },
};
