import { execFile } from 'node:child_process';
import { devNull } from 'node:os';
import { promisify } from 'node:util';
import { sessionIdSchema } from '../../../src/protocol/ids.ts';
import type { Step } from '../step.ts';

const run = promisify(execFile);
const GIT_LIMIT_MS = 10_000;

export const TITLE = 'A slug for every title';
export const PROMPT = 'Write a function that turns titles into slugs, with tests.';

export const startSession: Step = {
  name: 'a session starts in a scratch git repository',
  async run(stage) {
    await makeRepository(stage.project);
    const window = await stage.window();
    const dialog = window.page.getByRole('dialog', { name: 'New session' });
    await dialog.getByLabel('Folder', { exact: true }).fill(stage.project);
    await dialog.getByLabel('First message').fill(PROMPT);
    await dialog.getByLabel(/^Title/).fill(TITLE);
    const agent = dialog.getByRole('radio', { name: /demo/i });
    if (!(await agent.isChecked()))
      throw new Error('The tray menu chose the demo agent, but the dialog has not');
    await stage.shoot(window, 'new-session');
    await dialog.locator('button[type=submit]').click();
    await window.page.getByRole('log').getByText(PROMPT).waitFor();
    const { sessions } = await stage.client.call('session.list', {});
    stage.sessionId = sessionIdSchema.parse(sessions.find(({ title }) => title === TITLE)?.id);
    return 'The folder of a new git repository and a first message are filled in: the demo agent starts in a worktree of its own, in the mode that asks.';
  },
};

/** With nothing of the person's own git settings, who may have no identity or sign every commit. */
async function makeRepository(folder: string): Promise<void> {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: '1' };
  for (const name of ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE'])
    Reflect.deleteProperty(env, name);
  const git = async (...args: string[]): Promise<void> =>
    void (await run('git', ['-C', folder, ...args], { env, timeout: GIT_LIMIT_MS }));
  const identity = ['-c', 'user.name=Porchlight demo', '-c', 'user.email=demo@porchlight.invalid'];
  await git('init', '--quiet');
  await git(...identity, 'commit', '--quiet', '--allow-empty', '--message', 'A new blog');
}
