import type { Surroundings } from './surroundings.ts';
import type { LogindSession } from './logind.ts';

/** What it has to hold stands in docs/power.md. */
const POLKIT_RULE_FILE = '/etc/polkit-1/rules.d/50-porchlight.rules';

export interface Asker {
  readonly surroundings: Surroundings;
  readonly user: string;
  /** Of the process that asked; null: none, as with services of the user. */
  readonly session: LogindSession | null;
  /** The user is logged in at a screen of this machine. */
  readonly isAtScreen: boolean;
}

export interface Refusal {
  readonly reason: string;
  readonly fix: string | null;
}

/** Why logind said no to a lock, in words. `said` is what its tool wrote. */
export function refusalOf(what: string, asker: Asker, said: string): Refusal {
  const lock = what === 'handle-lid-switch' ? 'the lid' : what;
  const rule = `Start Porchlight from the desktop of this machine, or have an administrator put the rule from docs/power.md into ${POLKIT_RULE_FILE} for the user ${asker.user}.`;
  if (asker.session?.Remote === true)
    return {
      reason: `This system lets nobody hold ${lock} who came over the network, and Porchlight was started over ${asker.session.Service === 'sshd' ? 'SSH' : 'a remote login'}.`,
      fix: rule,
    };
  if (asker.session === null && !asker.isAtScreen)
    return {
      reason: `This system lets only users who are logged in at its screen hold ${lock}, and ${asker.user} is not.`,
      fix: rule,
    };
  return {
    reason: `This system does not let ${asker.user} hold ${lock}${said === '' ? '' : ` (${firstLine(said)})`}.`,
    fix: rule,
  };
}

/** logind cannot be reached at all: what this system is decides what can be said. */
export function noLogind(surroundings: Surroundings, why: string): Refusal {
  switch (surroundings) {
    case 'wsl':
      return {
        reason: 'This is Linux within Windows (WSL): Windows decides when the machine sleeps.',
        fix: 'Run Porchlight on Windows itself.',
      };
    case 'container':
      return {
        reason: 'This is a container: the system around it decides when the machine sleeps.',
        fix: 'Run Porchlight on the machine itself.',
      };
    case 'machine':
      return {
        reason: `systemd-logind, or elogind, cannot be asked (${firstLine(why)}).`,
        fix: 'Start systemd-logind or elogind, and the system bus (dbus).',
      };
  }
}

function firstLine(words: string): string {
  return (words.split('\n')[0] ?? '').slice(0, 200).replace(/\.$/u, '');
}
