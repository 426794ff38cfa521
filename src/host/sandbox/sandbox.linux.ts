import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Env } from '../agents/clean-env.ts';
import { findOnPath } from '../agents/find-program.ts';
import {
  deepestLast,
  type Confiner,
  type Probe,
  type Run,
  type Sandbox,
  type Seen,
} from './confiner.ts';

const run = promisify(execFile);
const PROBE_LIMIT_MS = 5_000;
/** Somebody may have installed it meanwhile, or allowed it. */
const TRY_AGAIN_MS = 30_000;

export interface LinuxNeeds {
  /** The login shell's environment. */
  env(this: void): Promise<Env>;
  nowMs(this: void): number;
}

/** bubblewrap: a mount namespace of its own, in a user namespace that has no rights outside. */
export class LinuxSandbox implements Sandbox {
  readonly #needs: LinuxNeeds;
  #found: { readonly probe: Promise<Probe>; readonly atMs: number } | null = null;

  constructor(needs: LinuxNeeds) {
    this.#needs = needs;
  }

  async probe(): Promise<Probe> {
    const nowMs = this.#needs.nowMs();
    const present = this.#found;
    if (present !== null) {
      const known = await present.probe;
      if (known.works || nowMs - present.atMs < TRY_AGAIN_MS) return known;
    }
    if (this.#found === present) this.#found = { probe: this.#try(), atMs: nowMs };
    return await (this.#found ?? { probe: this.#try() }).probe;
  }

  async #try(): Promise<Probe> {
    const command = findOnPath('bwrap', await this.#needs.env());
    if (command === null)
      return {
        works: false,
        why: 'bubblewrap is not installed.',
        fix: 'Install it: sudo apt install bubblewrap (dnf, pacman and zypper call it the same).',
      };
    const sandbox: Confiner = {
      name: 'bubblewrap',
      wrap: (given, seen) => wrap(command, given, seen),
    };
    try {
      // All that a session gets, on a folder that is everywhere.
      const seen: Seen[] = [{ path: '/tmp', access: 'private', isFolder: true }];
      const trial = sandbox.wrap({ command: 'true', args: [] }, seen);
      await run(trial.command, [...trial.args], { timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' });
      return { works: true, sandbox };
    } catch (error) {
      return { works: false, ...wordsFor(error) };
    }
  }
}

/** What a host that runs as root could change of the machine there; the rest of /proc is the agent's own. */
const MACHINE = ['sys', 'sysrq-trigger', 'irq', 'bus', 'acpi', 'fs', 'mtrr', 'driver', 'scsi'];
const BASE: readonly string[] = [
  ...['--unshare-user', '--unshare-ipc'],
  // bubblewrap leaves root its capabilities in the new namespace, and with them the right to unmount.
  ...['--cap-drop', 'ALL'],
  ...['--ro-bind', '/', '/', '--dev', '/dev', '--bind', '/proc', '/proc'],
  ...MACHINE.flatMap((name) => ['--ro-bind-try', `/proc/${name}`, `/proc/${name}`]),
];

/**
 * The whole system, only to be read, then what `seen` says. The network stays: the agent must reach
 * its model. So do the process ids: the keeper ends an agent by its processes, and the agents' own
 * records name them. Other processes are still out of reach, since a user namespace has no rights
 * over those outside of it (ptrace, /proc/<pid>/root); but it can signal those of the same user.
 */
function wrap(command: string, given: Run, seen: readonly Seen[]): Run {
  const mounts = deepestLast(seen).flatMap(mountOf);
  return {
    command,
    args: [...BASE, ...mounts, '--', given.command, ...given.args],
  };
}

function mountOf({ path, access, isFolder }: Seen): string[] {
  switch (access) {
    case 'write':
      return ['--bind', path, path];
    case 'read':
      return ['--ro-bind', path, path];
    case 'private':
    case 'hidden':
      return isFolder ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path];
  }
}

/** bubblewrap 0.8 to 0.11 say `No permissions to create new namespace` or name the step that failed. */
function wordsFor(error: unknown): { why: string; fix: string } {
  const said = String((error as { stderr?: unknown }).stderr ?? '').trim();
  const first = said.split('\n')[0] ?? '';
  if (/namespace|uid map|setgroups|Operation not permitted|Permission denied/iu.test(said))
    return {
      why: `This system does not let bubblewrap make a sandbox (${first}).`,
      fix: 'Allow user namespaces: on Ubuntu 24.04 and later by an AppArmor profile for bwrap, or sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; on older Debian sudo sysctl kernel.unprivileged_userns_clone=1; in a container by its settings.',
    };
  const why = first === '' ? (error instanceof Error ? error.message : String(error)) : first;
  return {
    why: `bubblewrap does not work here: ${why.slice(0, 300)}`,
    fix: 'Try it yourself: bwrap --ro-bind / / --dev /dev true',
  };
}
