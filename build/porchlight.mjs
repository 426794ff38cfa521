// npm run -s porchlight -- <args>: the command line out of a checkout. Builds what is stale first,
// in a process of its own, and says so on stderr; then it becomes the command line, so that exit
// code, signals, terminal and descriptors are the program's own.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { staleAmong } from './compile.mjs';
import { headlessPrograms, programs, root } from './programs.mjs';
import { SetupError } from './setup/say.mjs';
import { setUp } from './setup.mjs';

const BUILD_LIMIT_MS = 5 * 60_000;

async function prepare(args) {
  await setUp('headless');
  const names = args.includes('--ui') ? [...headlessPrograms, 'renderer'] : headlessPrograms;
  if (staleAmong(names).length === 0) return;
  const { status } = spawnSync(process.execPath, [join(root, 'build', 'compile.mjs'), ...names], {
    stdio: ['ignore', 2, 2],
    timeout: BUILD_LIMIT_MS,
  });
  if (status !== 0) throw new SetupError('the command line could not be built, see above');
}

const args = process.argv.slice(2);
try {
  await prepare(args);
} catch (error) {
  process.stderr.write(
    `porchlight: ${error instanceof SetupError ? error.message : error.stack}\n`,
  );
  process.exit(1);
}
const program = join(root, programs.cli.out);
process.argv = [process.execPath, program, ...args];
await import(pathToFileURL(program).href);
