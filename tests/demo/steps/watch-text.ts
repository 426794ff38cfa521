import type { Step } from '../step.ts';

export const watchText: Step = {
  name: 'text streams into the window',
  async run(stage) {
    const window = await stage.window();
    const conversation = window.page.getByRole('log');
    await conversation.getByText('I am the demo agent').waitFor();
    const early = (await conversation.innerText()).length;
    await stage.shoot(window, 'streaming');
    await stage.trayTells('1 working.');
    await conversation.getByText('see what the tests find, and repair it.').waitFor();
    const later = (await conversation.innerText()).length;
    if (later <= early)
      throw new Error(`The text did not grow: ${early}, then ${later} characters`);
    return `The agent's text streams into the window as it comes: ${early} characters, a moment later ${later}.`;
  },
};
