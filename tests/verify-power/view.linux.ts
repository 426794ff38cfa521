import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { RunTool } from '../../src/local/run-tool.ts';
import type { SystemView } from './rig.ts';
import type { Found } from './steps.ts';

const LOGIND = [
  'org.freedesktop.login1',
  '/org/freedesktop/login1',
  'org.freedesktop.login1.Manager',
];
/** What a holder may change that outlives it. */
const SETTINGS = ['powerdevilrc', 'powermanagementprofilesrc'];

interface Row {
  readonly what: string;
  readonly who: string;
  readonly mode: string;
  readonly pid: number;
}

export function linuxView(run: RunTool, env: NodeJS.ProcessEnv): SystemView {
  const config = env.XDG_CONFIG_HOME ?? join(env.HOME ?? '/', '.config');

  const inhibitors = async (): Promise<readonly Row[]> => {
    const text = await run('busctl', [
      '--system',
      '--json=short',
      '--timeout=5',
      'call',
      ...LOGIND,
      'ListInhibitors',
    ]);
    // As systemd's own busctl prints an array of (ssssuu).
    const { data } = JSON.parse(text) as {
      data: [[string, string, string, string, number, number][]];
    };
    return data[0].map(([what, who, , mode, , pid]) => ({ what, who, mode, pid }));
  };

  const listed = async (holderPid: number, what: string): Promise<Found> => {
    let rows: readonly Row[];
    try {
      rows = await inhibitors();
    } catch (error) {
      const why = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
      return { seen: `logind cannot be asked here (${why})`, holds: null };
    }
    const own = rows.filter(({ mode, pid }) => mode !== 'delay' && isBelow(pid, holderPid));
    const seen = own.map((row) => `${row.what} by ${row.who}, ${row.mode}`).join('; ');
    return {
      seen: seen === '' ? 'logind lists nothing of it' : `logind lists ${seen}`,
      holds: own.some((row) => row.what.split(':').includes(what)),
    };
  };

  return {
    about: async () => ({
      system: `${field('PRETTY_NAME') ?? 'Linux'}, kernel ${release()}`,
      desktop: env.XDG_CURRENT_DESKTOP ?? 'none',
      systemd: (await run('systemctl', ['--version']).catch(() => 'none')).split('\n')[0] ?? '',
    }),
    settings: async () =>
      Object.fromEntries(
        SETTINGS.flatMap((name) => {
          const hash = hashOf(join(config, name));
          return hash === null ? [] : [[name, hash]];
        }),
      ),
    idle: async (pid) => await listed(pid, 'idle'),
    lid: async (pid) => await listed(pid, 'handle-lid-switch'),
    watchdogOf: async (pid) => {
      const rows = await run('ps', ['-eo', 'pid=,ppid=,args=']);
      const found = rows
        .split('\n')
        .map((row) => /^\s*(\d+)\s+(\d+)\s+(.*)$/u.exec(row))
        .find((row) => Number(row?.[2]) === pid && row?.[3]?.includes('--watchdog') === true);
      return found === undefined || found === null ? null : Number(found[1]);
    },
  };
}

/** It, or a child of it to any depth. */
function isBelow(pid: number, holderPid: number): boolean {
  for (let at = pid, depth = 0; at > 1 && depth < 10; depth += 1) {
    if (at === holderPid) return true;
    try {
      // The name may hold blanks and brackets; the parent is the second word behind it.
      at = Number(readFileSync(`/proc/${at}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
    } catch {
      return false;
    }
  }
  return false;
}

function hashOf(file: string): string | null {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  } catch {
    return null;
  }
}

function field(name: string): string | null {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return new RegExp(`^${name}="?([^"\\n]*)"?$`, 'mu').exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}
