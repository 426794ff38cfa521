import { AGENT_MARK, AGENT_OWNER } from '../../protocol/keeper.ts';

export type Env = Readonly<Record<string, string>>;

/** Ours, our launchers', and those of the service that runs us: nobody's agent should see them. */
const OURS = /^(PORCHLIGHT_|ELECTRON_|npm_|SYSTEMD_EXEC_PID$|LISTEN_(PID|FDS|FDNAMES)$|WATCHDOG_)/;
const OURS_BY_NAME: ReadonlySet<string> = new Set([
  'INIT_CWD',
  AGENT_MARK,
  AGENT_OWNER,
  'INVOCATION_ID',
  'JOURNAL_STREAM',
  'NOTIFY_SOCKET',
  'MANAGERPID',
  'MANAGERPIDFDID',
  'MEMORY_PRESSURE_WATCH',
  'MEMORY_PRESSURE_WRITE',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
  'CHROME_DESKTOP',
  'ORIGINAL_XDG_CURRENT_DESKTOP',
]);
/** True of one shell process only. */
const OF_A_SHELL: ReadonlySet<string> = new Set(['_', 'SHLVL', 'PWD', 'OLDPWD']);

/** An environment without anything of ours. */
export function withoutOurs(env: NodeJS.ProcessEnv): Env {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || OURS.test(name) || OURS_BY_NAME.has(name) || OF_A_SHELL.has(name))
      continue;
    kept[name] = value;
  }
  return kept;
}

/** What `npm run` adds in front of PATH is about its package, not about the person. */
export function withoutNpmPath(env: Env, separator: string): Env {
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH');
  if (name === undefined) return env;
  const folders = (env[name] ?? '').split(separator);
  const kept = folders.filter(
    (folder) => !/[\\/](node_modules[\\/]\.bin|node-gyp-bin)$/.test(folder),
  );
  return { ...env, [name]: kept.join(separator) };
}
