import { takeReadmePicture } from '../readme-picture.ts';
import type { Step } from '../step.ts';

export const killTrayApp: Step = {
  name: 'the tray app is killed',
  async run(stage) {
    const window = await stage.window();
    await window.approval('slugify.mjs');
    await stage.read();
    await stage.shoot(window, 'last-edit');
    if (stage.readme !== null) await takeReadmePicture(stage, window, stage.readme);
    await window.allow();
    const { lastSeq } = await stage.until(
      'delivered decision',
      ({ approvals }) => approvals.length === 0,
    );
    const { pid, ended } = stage.app;
    process.kill(pid, 'SIGKILL');
    await ended;
    stage.lastSeqSeen = lastSeq;
    return `It asks to repair slugify.mjs: allowed in the window, and the same moment kill -9 takes the tray app (process ${pid}).`;
  },
};
