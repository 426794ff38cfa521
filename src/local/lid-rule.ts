/** The rule for sudo by which a Mac may be kept awake behind its closed lid: where it is and what it says. */

/** What it takes, and nothing else. No wildcards. */
const COMMANDS = ['/usr/bin/pmset -a disablesleep 0', '/usr/bin/pmset -a disablesleep 1'];

/** By number, since a user's name may hold what sudoers would read as something else. */
export function lidRuleFile(uid: number): string {
  return `/etc/sudoers.d/porchlight-${ordinary(uid)}`;
}

export function lidRule(uid: number): string {
  return `#${ordinary(uid)} ALL=(root) NOPASSWD: ${COMMANDS.join(', ')}`;
}

function ordinary(uid: number): number {
  if (!Number.isSafeInteger(uid) || uid <= 0)
    throw new Error(
      `There is no rule of sudo for user ${uid}: start Porchlight as an ordinary user.`,
    );
  return uid;
}
