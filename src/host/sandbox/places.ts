import { mkdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { withDeadline } from '../../base/deadline.ts';
import type { Home } from '../../local/home.ts';
import type { Launch, StatePlace } from '../agents/profile.ts';
import type { Access, Seen } from './confiner.ts';

/** A home on a network that is gone does not answer at all. */
const LOOK_LIMIT_MS = 10_000;

/** Where everybody's programs listen: a session bus starts programs, Docker has the whole machine. */
const SOCKETS = ['/run', '/var/run'];
/** What of it programs read: names of hosts, and on NixOS the programs themselves. */
const READ_OF_RUN = [
  '/run/systemd/resolve',
  '/run/resolvconf',
  '/run/NetworkManager/resolv.conf',
  '/run/nscd',
  '/run/current-system',
  '/run/booted-system',
  '/run/wrappers',
  '/run/opengl-driver',
  '/run/media',
];
const TEMPORARY: readonly string[] = ['/tmp', '/var/tmp', '/private/tmp', '/private/var/tmp'];

/**
 * Below the person's home: what lets somebody act in their name elsewhere. The network is open, so
 * what can be read can also be sent away.
 */
const SECRETS = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.kube',
  '.docker',
  '.netrc',
  '.git-credentials',
  '.pgpass',
  '.my.cnf',
  '.vault-token',
  '.password-store',
  '.pypirc',
  '.gem/credentials',
  '.cargo/credentials.toml',
  '.terraform.d/credentials.tfrc.json',
  '.config/gh',
  '.config/gcloud',
  '.config/op',
  '.config/git/credentials',
  '.local/share/keyrings',
  '.mozilla',
  '.config/google-chrome',
  '.config/chromium',
  '.config/BraveSoftware',
  'Library/Keychains',
  'Library/Application Support/Google/Chrome',
  'Library/Application Support/Firefox',
];
/** How to reach a host is no secret. */
const NO_SECRETS = ['.ssh/known_hosts', '.ssh/config'];

export interface Confined {
  /** Where the agent works; links resolved. */
  readonly cwd: string;
  /** The checkout that a worktree was made from. */
  readonly root: string | null;
  /** What the repository's checkouts have in common; null outside of one. */
  readonly commonDir: string | null;
  readonly launch: Launch;
  /** `sandbox.writable` of config.json. */
  readonly writable: readonly string[];
  readonly home: Home;
}

/** The folder that an agent is to be kept in is Porchlight's own. */
export class InsideHome extends Error {
  override name = 'InsideHome';
}

type Named = readonly [path: string, access: Access];

/**
 * What a confined agent sees of the machine; see docs/security.md for the reasons. Of two that name the
 * same path the later wins, of two that contain one another the deeper.
 */
export async function placesOf(confined: Confined): Promise<Seen[]> {
  const { cwd, home, launch } = confined;
  const worktrees = join(home.root, 'worktrees');
  if (isIn(cwd, home.root) && !isIn(cwd, worktrees))
    throw new InsideHome(
      `${cwd} is inside Porchlight's own folder, which no sandbox opens: work in another one.`,
    );
  const person = launch.env.HOME ?? homedir();
  const state = await stateOf(launch, person);
  const named: Named[] = [
    ...programsOf(launch).map((path): Named => [path, 'read']),
    ...temporaryOf(launch).map((path): Named => [path, 'private']),
    ...SOCKETS.map((path): Named => [path, 'hidden']),
    ...READ_OF_RUN.map((path): Named => [path, 'read']),
    [person, 'read'],
    ...SECRETS.map((path): Named => [join(person, path), 'hidden']),
    ...NO_SECRETS.map((path): Named => [join(person, path), 'read']),
    [join(person, '.npm'), 'write'],
    [join(person, '.npm', '_npx'), 'read'],
    ...state,
    ...confined.writable.map((path): Named => [ofHome(path, person), 'write']),
    ...(confined.root === null ? [] : [[confined.root, 'read'] satisfies Named]),
    ...(confined.commonDir === null ? [] : await repository(confined.commonDir)),
    [cwd, 'write'],
    [home.root, 'hidden'],
    [home.agents, 'read'],
    ...(isIn(cwd, worktrees) ? [[cwd, 'write'] satisfies Named] : []),
    ...ownState(launch).map((path): Named => [path, 'write']),
    ...[home.hostSocket, home.keeperSocket].map((path): Named => [dirname(path), 'hidden']),
  ];
  const isOurs = (path: string) => isIn(path, home.root);
  const mayShow = new Set([home.root, home.agents, cwd, ...ownState(launch)]);
  return await there(named.filter(([path]) => !isOurs(path) || mayShow.has(path)));
}

/** Its objects and branches, but for what git executes for whoever works in it next. */
async function repository(commonDir: string): Promise<Named[]> {
  // A folder that is not there cannot be kept from being made.
  await mkdir(join(commonDir, 'hooks')).catch(() => null);
  const executed = ['hooks', 'config', 'config.worktree'];
  return [[commonDir, 'write'], ...executed.map((name): Named => [join(commonDir, name), 'read'])];
}

async function stateOf({ profile, env }: Launch, person: string): Promise<Named[]> {
  const { folders = [], files = [], obeyed = [] } = profile.state ?? {};
  const named: Named[] = files.map((name): Named => [join(person, name), 'write']);
  for (const place of folders) {
    const folder = folderOf(place, env, person);
    // An agent that runs for the first time makes it, which it cannot from inside.
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => null);
    named.push([folder, 'write']);
    for (const name of obeyed) named.push([join(folder, name), 'read']);
  }
  return named;
}

function folderOf(
  { variable, inside, home }: StatePlace,
  env: Launch['env'],
  person: string,
): string {
  const given = variable === undefined ? undefined : env[variable];
  if (given === undefined || !isAbsolute(given)) return join(person, home);
  return inside === undefined ? given : join(given, inside);
}

/** What it is started with and what lies beside that; may be in a folder that is hidden otherwise. */
function programsOf({ command, args }: Launch): string[] {
  const files = [command, ...args].filter((each) => isAbsolute(each));
  return [...files.map((each) => dirname(each)), ...files];
}

function temporaryOf({ env }: Launch): string[] {
  const own = env.TMPDIR;
  return own !== undefined && isAbsolute(own) ? [...TEMPORARY, own] : [...TEMPORARY];
}

/** The demo agent keeps its conversations in our home. */
function ownState({ args }: Launch): string[] {
  const folder = args[args.indexOf('--state') + 1];
  return args.includes('--state') && folder !== undefined && isAbsolute(folder) ? [folder] : [];
}

function ofHome(path: string, person: string): string {
  return path.startsWith('~/') ? join(person, path.slice(2)) : path;
}

/** Those that are there, by their real paths. */
async function there(named: readonly Named[]): Promise<Seen[]> {
  const found = await withDeadline(
    Promise.all(named.map(async ([path, access]) => await look(path, access))),
    LOOK_LIMIT_MS,
    'Looking at the folders of a sandbox',
  );
  const byPath = new Map<string, Seen>();
  for (const seen of found) if (seen !== null && seen.path !== sep) byPath.set(seen.path, seen);
  return [...byPath.values()];
}

async function look(path: string, access: Access): Promise<Seen | null> {
  try {
    // What is a link there is one no more when the folder around it is hidden.
    const real = path.startsWith('/run/') ? path : await realpath(path);
    return { path: real, access, isFolder: (await stat(real)).isDirectory() };
  } catch {
    return null;
  }
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}
