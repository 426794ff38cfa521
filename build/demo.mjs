// npm run demo: plays the main job by itself in the real app; the steps are tests/demo/steps.ts.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dist, programs, root } from './programs.mjs';
import { runMain, say, SetupError } from './setup/say.mjs';
import { setUp } from './setup.mjs';

const usage = `npm run demo -- [--readme] [--pictures DIR] [--json]

Plays the main job in the real app with the demo agent, tells each step in a line and leaves
numbered pictures. Needs no account, and no display.

  --pictures DIR   where they go, dist/demo/ if not said
  --readme         also takes the picture of the README, docs/images/window.png
  --json           prints one JSON array of the steps and nothing else
`;

/** @returns {null | { readme: boolean, json: boolean, help: boolean, pictures: string }} */
function parse(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        readme: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        pictures: { type: 'string', default: join(dist, 'demo') },
      },
    });
    return { ...values, pictures: resolve(values.pictures) };
  } catch (error) {
    say(error.message);
    return null;
  }
}

async function main(args) {
  const options = parse(args);
  if (options === null || options.help) {
    (options === null ? process.stderr : process.stdout).write(usage);
    return options === null ? 2 : 0;
  }
  if (process.platform !== 'linux')
    throw new SetupError(
      'the demo clicks in the tray over D-Bus, which only Linux has: run "npm start" and choose "Try it with the demo agent" in the tray menu',
    );
  await setUp('demo');
  const { compile } = await import('./compile.mjs');
  const { electronPath } = await import('./setup/electron.mjs');
  const { electronNeeds } = await import('./setup/desktop-session.mjs');
  // Found once, here: what is fetched must not count as the demo's time.
  const electron = await electronPath();
  process.env.PORCHLIGHT_TEST_ELECTRON = electron;
  await compile(Object.keys(programs), { log: say });
  const { loadTypeScript } = await import('./load-typescript.mjs');
  const { module, close } = await loadTypeScript(join(root, 'tests', 'demo', 'play.ts'));
  /** @type {typeof import('../tests/demo/play.ts').play} */
  const play = module.play;
  try {
    return await play({
      electron,
      electronArgs: electronNeeds(process.env).args,
      pictures: options.pictures,
      readme: options.readme ? join(root, 'docs', 'images', 'window.png') : null,
      json: options.json,
    });
  } finally {
    await close();
  }
}

await runMain(main);
