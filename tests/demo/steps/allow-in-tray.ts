import type { Step } from '../step.ts';

export const allowInTray: Step = {
  name: 'a command is allowed in the tray menu',
  async run(stage) {
    await stage.until('command to allow', ({ approvals }) => approvals[0]?.kind === 'execute');
    await stage.trayTells('1 needs you');
    await stage.shootTray('command-asked', ['Allow?', 'Allow']);
    await stage.app.tray.click(['Allow?', 'Allow']);
    await stage.until('decision', ({ approvals }) => approvals[0]?.kind !== 'execute');
    const window = await stage.window();
    await window.page.getByText('Allowed in the tray menu').first().waitFor();
    return 'It asks to run the tests: allowed in the tray menu, and the window knows at once.';
  },
};
