// Puts the pre-commit hook of lefthook.yml in place. npm runs no install scripts here, so lefthook
// cannot do it itself; and a hook that somebody else chose stays.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../programs.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';

const LIMIT_MS = 10_000;

export async function ensureHooks() {
  const git = join(root, '.git');
  // In a work tree .git is a file; its hooks are the main checkout's affair.
  if (process.env.CI || !existsSync(join(git, 'config'))) return;
  if (existsSync(join(git, 'hooks', 'pre-commit'))) return;
  if (/^\s*hookspath\s*=/im.test(readFileSync(join(git, 'config'), 'utf8'))) return;
  const lefthook = join(root, 'node_modules', 'lefthook', 'bin', 'index.js');
  const { code, output } = await run(process.execPath, [lefthook, 'install'], {
    cwd: root,
    limitMs: LIMIT_MS,
  });
  // A missing hook stops nobody: `npm run check` finds the same.
  if (code !== 0) say(`the pre-commit hook is not installed: ${output.trim().split('\n').at(-1)}`);
}
