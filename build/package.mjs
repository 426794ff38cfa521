// npm run package [-- electron-builder arguments]: an unpacked app in release/ by default.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from './compile.mjs';
import { programs, root } from './programs.mjs';
import { electronDist } from './setup/electron.mjs';
import { runMain, say, SetupError } from './setup/say.mjs';
import { setUp } from './setup.mjs';

async function main(args) {
  await setUp('headless');
  const missing = Object.values(programs).filter(({ entry }) => !existsSync(join(root, entry)));
  if (missing.length > 0)
    throw new SetupError(
      `Cannot package: there is no ${missing.map(({ entry }) => entry).join(', ')}`,
    );
  const dist = await electronDist();
  const version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '');
  await compile(Object.keys(programs), { log: say });
  const builder = join(root, 'node_modules', 'electron-builder', 'cli.js');
  const what = args.length > 0 ? args : ['--dir'];
  return await new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        builder,
        ...what,
        '--publish',
        'never',
        `-c.electronDist=${dist}`,
        `-c.electronVersion=${version}`,
      ],
      { cwd: root, stdio: 'inherit' },
    );
    child.on('close', (code) => resolve(code ?? 1));
  });
}

await runMain(main);
