import { SetupError } from './say.mjs';

const needed = [20, 19];

/** Build and test tools load ES modules with require(), which Node has from 20.19 on. */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return;
  throw new SetupError(
    `Node ${needed.join('.')} or newer is needed, this is ${version} (${process.execPath}): install one from https://nodejs.org and run the command again`,
  );
}
