import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { MARK, SOURCE, TEST } from './slugify.ts';

/** Without end, somebody made these folders on purpose. */
const MAX_FOLDERS = 50;

/**
 * Where the coding task may write: the folder itself when it is empty or no repository, else a
 * folder of its own in it. Files that are not ours are never touched.
 */
export function workFolder(cwd: string): string {
  const names = readdirSync(cwd);
  const isRepository = names.includes('.git');
  const isEmpty = names.every((name) => name === '.git' || isOurs(cwd, name));
  if ((!isRepository || isEmpty) && isFree(cwd)) return cwd;
  for (let n = 1; n <= MAX_FOLDERS; n += 1) {
    const folder = join(cwd, n === 1 ? 'porchlight-demo' : `porchlight-demo-${n}`);
    if (isFree(folder)) return folder;
  }
  throw new Error(`The demo finds no free place for its files in ${cwd}: remove porchlight-demo-*`);
}

function isFree(folder: string): boolean {
  return [SOURCE, TEST].every((name) => !existsSync(join(folder, name)) || isOurs(folder, name));
}

function isOurs(folder: string, name: string): boolean {
  if (name !== SOURCE && name !== TEST) return false;
  return textOf(join(folder, name))?.startsWith(MARK) ?? false;
}

/** null when there is no such file. */
export function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** The command as it is shown and run: with `node` where there is one, else with our own runtime. */
export function testCommand(env: NodeJS.ProcessEnv): string {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const onPath = (env.PATH ?? env.Path ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, name)));
  return `${onPath ? 'node' : `"${process.execPath}"`} --test --test-reporter=spec ${TEST}`;
}
