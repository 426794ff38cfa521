import { access, constants, lstat, open, readFile, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { configSchema } from '../../protocol/config.ts';
import { megabytes, oneLine } from '../output/text.ts';
import {
  bad,
  codeOf,
  fine,
  messageOf,
  type Check,
  type DoctorWorld,
  type Finding,
} from './check.ts';

const MIN_NODE = [20, 18] as const;
const MIN_FREE_BYTES = 200_000_000;
const MAX_SOCKET_PATH_BYTES = 104;
const SQLITE_MAGIC = 'SQLite format 3\0';

/** What must hold on disk before anything can run. */
export const homeChecks: readonly Check[] = [
  { check: 'node', matters: true, look: async () => nodeVersion(process.versions.node) },
  { check: 'home', matters: true, look: home },
  { check: 'socket', matters: true, look: socket },
  { check: 'config', matters: true, look: config },
  { check: 'database', matters: true, look: database },
  { check: 'disk', matters: true, look: disk },
];

export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  return enough
    ? fine(`Node ${version}`)
    : bad(
        `Node ${version} is older than ${MIN_NODE.join('.')}`,
        'Install Node 20.19 or newer: https://nodejs.org',
      );
}

async function home({ cli, platform }: DoctorWorld): Promise<Finding> {
  const { root } = cli.home;
  let found;
  try {
    found = await stat(root);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT')
      return bad(
        `${root}: ${messageOf(error)}`,
        'Set PORCHLIGHT_HOME to a folder that you may write to',
      );
    return await parentOf(root);
  }
  if (!found.isDirectory())
    return bad(`${root} is not a folder`, 'Move it away, or set PORCHLIGHT_HOME to a folder');
  if (platform !== 'win32') {
    if (found.uid !== process.getuid?.())
      return bad(
        `${root} belongs to user ${found.uid}, not to you`,
        'Set PORCHLIGHT_HOME to a folder of your own',
      );
    if ((found.mode & 0o077) !== 0)
      return bad(
        `${root} is open to other users (mode ${(found.mode & 0o777).toString(8)})`,
        `chmod 700 '${root}'`,
      );
  }
  try {
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return bad(`${root} cannot be written to`, `chmod 700 '${root}'`);
  }
  return fine(`${root}, private`);
}

async function parentOf(root: string): Promise<Finding> {
  let folder = dirname(root);
  for (;;) {
    try {
      await access(folder, constants.W_OK);
      return fine(`${root} is not there yet; the first start makes it`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || folder === dirname(folder))
        return bad(
          `${root} cannot be made: ${messageOf(error)}`,
          'Set PORCHLIGHT_HOME to a folder that you may write to',
        );
      folder = dirname(folder);
    }
  }
}

async function socket({ cli, platform }: DoctorWorld): Promise<Finding> {
  const path = cli.home.hostSocket;
  if (platform === 'win32') return fine(path);
  const bytes = Buffer.byteLength(path);
  if (bytes >= MAX_SOCKET_PATH_BYTES)
    return bad(
      `${path} is ${bytes} bytes long, too long for a socket`,
      'Set TMPDIR or PORCHLIGHT_HOME to a shorter path',
    );
  try {
    const found = await lstat(path);
    if (!found.isSocket())
      return bad(`${path} is no socket`, `Move it away: mv '${path}' '${path}.old'`);
    if ((found.mode & 0o077) !== 0)
      return bad(
        `${path} is open to other users (mode ${(found.mode & 0o777).toString(8)})`,
        'porchlight host restart',
      );
    return fine(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return fine(`${path}, not there while no host runs`);
    return bad(messageOf(error), 'Set PORCHLIGHT_HOME to a folder of your own');
  }
}

async function config({ cli }: DoctorWorld): Promise<Finding> {
  const path = cli.home.config;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return codeOf(error) === 'ENOENT'
      ? fine(`${path} is not there; the defaults hold`)
      : bad(messageOf(error), `Make ${path} readable`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return bad(`${path} is not JSON: ${messageOf(error)}`, `Correct ${path}`);
  }
  const parsed = configSchema.safeParse(json);
  return parsed.success
    ? fine(`${path} is valid`)
    : bad(
        `${path}: ${oneLine(z.prettifyError(parsed.error).replaceAll('✖ ', ''))}`,
        `Correct ${path}`,
      );
}

async function database({ cli }: DoctorWorld): Promise<Finding> {
  const path = cli.home.database;
  let file;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT')
      return fine(`${path} is not there yet; the first start makes it`);
    return bad(messageOf(error), `Make ${path} readable and writable for you`);
  }
  try {
    const head = Buffer.alloc(SQLITE_MAGIC.length);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    if (bytesRead > 0 && head.toString('latin1') !== SQLITE_MAGIC)
      return bad(
        `${path} is no database`,
        `Bring back a backup, or move it away and lose the history: mv '${path}' '${path}.broken'`,
      );
    await access(path, constants.W_OK);
    return fine(`${path}, ${megabytes((await file.stat()).size)}`);
  } catch (error) {
    return bad(messageOf(error), `Make ${path} readable and writable for you`);
  } finally {
    await file.close();
  }
}

async function disk({ cli }: DoctorWorld): Promise<Finding> {
  let folder = cli.home.root;
  for (;;) {
    try {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      if (free >= MIN_FREE_BYTES) return fine(`${megabytes(free)} free at ${folder}`);
      return bad(
        `only ${megabytes(free)} free at ${folder}`,
        'Make room: without it no event can be stored and sessions pause',
      );
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || folder === dirname(folder))
        return bad(`${folder}: ${messageOf(error)}`, 'Set PORCHLIGHT_HOME to a folder of your own');
      folder = dirname(folder);
    }
  }
}
