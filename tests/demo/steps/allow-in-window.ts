import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../step.ts';

export const allowInWindow: Step = {
  name: 'an edit is allowed in the window',
  async run(stage) {
    const window = await stage.window();
    await window.approval('slugify.test.mjs');
    await stage.trayTells('1 needs you');
    await stage.read();
    await stage.shoot(window, 'edit-asked');
    const { session } = await stage.client.call('session.show', { sessionId: stage.sessionId });
    const file = join(session.worktree ?? stage.project, 'slugify.mjs');
    if (existsSync(file)) throw new Error(`${file} was written before it was allowed`);
    await window.allow();
    await window.page.getByText('Allowed in the window').first().waitFor();
    await window.sees('Both files are written.');
    if (!existsSync(file)) throw new Error(`${file} was allowed, but is not there`);
    return 'The agent asks to write slugify.mjs and its tests, and shows the whole diff: allowed in the window.';
  },
};
