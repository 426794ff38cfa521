import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** Where one installation keeps everything. Two homes never meet. */
export interface Home {
  readonly root: string;
  readonly config: string;
  readonly database: string;
  readonly logs: string;
  readonly hostLog: string;
  /** The tray app's userData. */
  readonly app: string;
  /** Adapters put there by `agents install`; PORCHLIGHT_AGENTS shares it between homes. */
  readonly agents: string;
  readonly keeperState: string;
  readonly holderState: string;
  readonly hostSocket: string;
  readonly keeperSocket: string;
  readonly holderSocket: string;
  /** Held while a host runs: its pid and how to reach its loopback UI. */
  readonly hostFile: string;
}

/** sun_path holds 104 bytes on macOS and 108 on Linux; the rest is for a suffix. */
const MAX_SOCKET_PATH_BYTES = 100;

/** The home named by PORCHLIGHT_HOME, else ~/.porchlight. Touches nothing. */
export function homeOf(env: NodeJS.ProcessEnv): Home {
  const given = env.PORCHLIGHT_HOME;
  const root =
    given === undefined || given === '' ? join(homedir(), '.porchlight') : resolve(given);
  const agents = env.PORCHLIGHT_AGENTS;
  return {
    root,
    config: join(root, 'config.json'),
    database: join(root, 'porchlight.db'),
    logs: join(root, 'logs'),
    hostLog: join(root, 'logs', 'host.log'),
    app: join(root, 'app'),
    agents: agents !== undefined && isAbsolute(agents) ? agents : join(root, 'agents'),
    keeperState: join(root, 'keeper'),
    holderState: join(root, 'holder'),
    hostSocket: socketPath(root, 'host'),
    keeperSocket: socketPath(root, 'keeper'),
    holderSocket: socketPath(root, 'holder'),
    hostFile: join(root, 'host.json'),
  };
}

function socketPath(root: string, name: string): string {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\porchlight-${hash}-${name}`;
  const direct = join(root, `${name}.sock`);
  if (Buffer.byteLength(direct) <= MAX_SOCKET_PATH_BYTES) return direct;
  return join(tmpdir(), `porchlight-${hash}`, `${name}.sock`);
}

/** Makes the home's folders, private to this user; refuses a temp folder that somebody else made. */
export function makeHome(home: Home): void {
  try {
    const { root, logs, keeperState, holderState, app } = home;
    for (const folder of [root, logs, keeperState, holderState, app]) makeFolder(folder);
    if (process.platform === 'win32') return;
    chmodSync(home.root, 0o700);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The folder ${home.root} cannot be used (${why}): set PORCHLIGHT_HOME to one of your own.`,
      { cause: error },
    );
  }
  const socketFolder = join(home.hostSocket, '..');
  if (socketFolder === home.root) return;
  makeFolder(socketFolder);
  const found = lstatSync(socketFolder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0)
    throw new Error(
      `The folder ${socketFolder} for the home's sockets is not private to you: remove it and start again.`,
    );
}

/**
 * Makes a folder and those above it, private to this user. Node's own "recursive" spins for ever
 * where the system says ENOENT although the parent is there, as it does below /proc.
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolder(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it since.
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
