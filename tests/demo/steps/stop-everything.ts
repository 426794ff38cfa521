import type { Step } from '../step.ts';

export const stopEverything: Step = {
  name: 'everything stops and nothing is left',
  async run(stage) {
    const before = stage.left();
    await stage.app.tray.click(['Stop everything']);
    await stage.app.ended;
    await stage.untilEmpty();
    const status = await stage.porchlight('host', 'status');
    if (status.code !== 3)
      throw new Error(`"porchlight host status" ended with ${status.code}: ${status.output}`);
    await stage.shootTerminal('nothing-left', [status]);
    return `"Stop everything" is clicked in the tray menu: all ${before.length} processes of agent, host, keeper and tray app are gone.`;
  },
};
