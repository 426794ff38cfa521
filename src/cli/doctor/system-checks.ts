import { readFile, statfs } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { invokedIn } from '../verbs/start.ts';
import { oneLine } from '../output/text.ts';
import { bad, fine, type Check, type DoctorWorld, type Finding } from './check.ts';

const GIT_LIMIT_MS = 3_000;
const NPM_LIMIT_MS = 5_000;
/** The host gives its own probe as long. */
const SHELL_LIMIT_MS = 5_000;
const BUS_LIMIT_MS = 1_000;
const MIN_SHM_BYTES = 128 * 1024 * 1024;
const USERNS = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';

/** What the machine offers: advice, since sessions run without most of it. */
export const systemChecks: readonly Check[] = [
  { check: 'git', matters: false, look: git },
  { check: 'git identity', matters: false, look: gitIdentity },
  { check: 'git folder', matters: false, look: gitFolder },
  { check: 'npm', matters: false, look: npm },
  { check: 'login shell', matters: false, look: loginShell },
  { check: 'tray', matters: false, look: tray },
  { check: 'display', matters: false, look: display },
  { check: 'shared memory', matters: false, look: sharedMemory },
  { check: 'sandbox', matters: false, look: sandbox },
];

async function git({ run }: DoctorWorld): Promise<Finding> {
  const { code, stdout } = await run('git', ['--version'], { limitMs: GIT_LIMIT_MS });
  return code === 0
    ? fine(oneLine(stdout))
    : bad('git does not run', 'Install git: sessions then get worktrees of their own');
}

async function gitIdentity({ run, cli }: DoctorWorld): Promise<Finding> {
  const ask = async (key: string): Promise<string> =>
    oneLine(
      (await run('git', ['config', '--get', key], { limitMs: GIT_LIMIT_MS, cwd: invokedIn(cli) }))
        .stdout,
    );
  const [name, email] = [await ask('user.name'), await ask('user.email')];
  if (name !== '' && email !== '') return fine(`${name} <${email}>`);
  return bad(
    'git does not know who you are, so agents cannot commit',
    'git config --global user.name "…" && git config --global user.email "…"',
  );
}

async function gitFolder({ run, cli }: DoctorWorld): Promise<Finding> {
  const folder = invokedIn(cli);
  const { code, stdout, stderr } = await run('git', ['rev-parse', '--show-toplevel'], {
    limitMs: GIT_LIMIT_MS,
    cwd: folder,
  });
  if (code === 0) return fine(oneLine(stdout));
  if (stderr.includes('dubious ownership'))
    return bad(
      `git refuses ${folder}: it belongs to another user`,
      `git config --global --add safe.directory '${folder}'`,
    );
  return fine(`${folder} is no git repository`);
}

async function npm({ run, platform }: DoctorWorld): Promise<Finding> {
  const { code, stdout } = await run(platform === 'win32' ? 'npm.cmd' : 'npm', ['--version'], {
    limitMs: NPM_LIMIT_MS,
  });
  return code === 0
    ? fine(`npm ${oneLine(stdout)}`)
    : bad(
        'npm does not run, so agents cannot be installed from here',
        'Install Node with npm: https://nodejs.org',
      );
}

/** Agents get the environment of a login shell in a terminal; a shell that hangs would leave them without it. */
async function loginShell({ run, cli, platform }: DoctorWorld): Promise<Finding> {
  if (platform === 'win32') return fine('not used on Windows');
  const shell = cli.env.SHELL ?? userInfo().shell ?? '/bin/sh';
  const { code, ms, problem } = await run(shell, ['-l', '-i', '-c', 'true'], {
    limitMs: SHELL_LIMIT_MS,
  });
  if (problem === 'slow')
    return bad(
      `${shell} -l -i did not end within ${SHELL_LIMIT_MS / 1_000} s`,
      'Look in your profile files for what waits; agents get the plain environment meanwhile',
    );
  if (code !== 0)
    return bad(
      `${shell} -l -i fails (${problem === 'missing' ? 'not found' : `exit code ${code}`})`,
      'Correct SHELL or your profile files; agents get the plain environment meanwhile',
    );
  return fine(`${shell} -l -i, ${ms} ms`);
}

const WATCHER = 'org.kde.StatusNotifierWatcher';
const BUS = 'org.freedesktop.DBus';
const BUS_CLIENTS: readonly { command: string; args: readonly string[] }[] = [
  {
    command: 'busctl',
    args: ['--user', 'call', BUS, '/org/freedesktop/DBus', BUS, 'NameHasOwner', 's', WATCHER],
  },
  {
    command: 'gdbus',
    args: [
      'call',
      '--session',
      '--dest',
      BUS,
      '--object-path',
      '/org/freedesktop/DBus',
      '--method',
      `${BUS}.NameHasOwner`,
      WATCHER,
    ],
  },
  {
    command: 'dbus-send',
    args: [
      '--session',
      '--print-reply',
      `--dest=${BUS}`,
      '/org/freedesktop/DBus',
      `${BUS}.NameHasOwner`,
      `string:${WATCHER}`,
    ],
  },
];

async function tray({ run, platform }: DoctorWorld): Promise<Finding> {
  if (platform !== 'linux') return fine('the system has one');
  for (const { command, args } of BUS_CLIENTS) {
    const { code, stdout, problem } = await run(command, args, { limitMs: BUS_LIMIT_MS });
    if (problem === 'missing') continue;
    // Clients differ in which buses they find: only an answer counts.
    if (code !== 0) continue;
    if (/\btrue\b/u.test(stdout)) return fine('a tray host answers on the session bus');
    return bad(
      'the desktop shows no tray icons',
      'On GNOME install the AppIndicator extension; without it the window opens instead',
    );
  }
  return bad(
    'no session bus answers, so there is no tray',
    'Start the tray app from a desktop session; the command line works without',
  );
}

async function display({ cli, platform }: DoctorWorld): Promise<Finding> {
  if (platform !== 'linux') return fine('the system has one');
  const { WAYLAND_DISPLAY: wayland, DISPLAY: x11 } = cli.env;
  if (wayland !== undefined && wayland !== '') return fine(`Wayland, ${wayland}`);
  if (x11 !== undefined && x11 !== '') return fine(`X11, ${x11}`);
  return bad(
    'no display',
    'Use porchlight host run --ui for the window in a browser; the command line works without',
  );
}

async function sharedMemory({ platform }: DoctorWorld): Promise<Finding> {
  if (platform !== 'linux') return fine('as the system manages it');
  const found = await statfs('/dev/shm').catch(() => null);
  if (found === null)
    return bad(
      '/dev/shm is not there',
      'Mount a tmpfs at /dev/shm, or start the tray app with --disable-dev-shm-usage',
    );
  const bytes = found.blocks * found.bsize;
  const size = `/dev/shm holds ${Math.round(bytes / 1024 / 1024)} MiB`;
  return bytes >= MIN_SHM_BYTES
    ? fine(size)
    : bad(
        size,
        'Give a container --shm-size=256m, or start the tray app with --disable-dev-shm-usage',
      );
}

async function sandbox({ platform }: DoctorWorld): Promise<Finding> {
  if (platform !== 'linux') return fine('the system has one');
  if (process.getuid?.() === 0)
    return bad('you are root: the window runs without its sandbox', 'Run as an ordinary user');
  const restricted = (await readFile(USERNS, 'utf8').catch(() => '0')).trim() === '1';
  if (!restricted) return fine('unprivileged user namespaces are allowed');
  return bad(
    'AppArmor restricts user namespaces, which the window needs unless it is installed as a package',
    'Install the package, which brings its AppArmor profile',
  );
}
