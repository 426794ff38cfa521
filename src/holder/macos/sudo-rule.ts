import { PMSET } from './tools.ts';

/** What it takes to keep a Mac awake behind its lid, and nothing else. No wildcards. */
const COMMANDS = [`${PMSET} -a disablesleep 0`, `${PMSET} -a disablesleep 1`];

export const MANAGED_FIX =
  'A later rule of sudo overrides it, as is usual on managed Macs: ask whoever manages this Mac to allow these two commands without a password, behind all other rules.';

/** By number, since a user's name may hold what sudoers would read as something else. */
export function ruleFileOf(uid: number): string {
  return `/etc/sudoers.d/porchlight-${checked(uid)}`;
}

export function ruleOf(uid: number): string {
  return `#${checked(uid)} ALL=(root) NOPASSWD: ${COMMANDS.join(', ')}`;
}

function checked(uid: number): number {
  if (!Number.isSafeInteger(uid) || uid <= 0)
    throw new Error(
      `A rule for user ${uid} is not needed or not safe: start Porchlight as an ordinary user.`,
    );
  return uid;
}

/**
 * For `/bin/sh` as root. The rule comes in the command itself: a file that the user could change
 * between check and move would make anything of that user root. sudo ignores names with a dot, so
 * nothing half-written counts.
 */
export function installScript(uid: number): string {
  const file = ruleFileOf(uid);
  const draft = `/etc/sudoers.d/.porchlight-${uid}.new`;
  return (
    [
      'umask 077',
      `rm -f ${draft}`,
      `printf '%s\\n' '# Lets Porchlight keep this Mac awake while its lid is closed. Safe to delete.' '${ruleOf(uid)}' > ${draft}`,
      `chown root:wheel ${draft}`,
      `chmod 0440 ${draft}`,
      `/usr/sbin/visudo -cf ${draft} > /dev/null`,
      `mv -f ${draft} ${file}`,
    ].join(' && ') + ` || { rm -f ${draft}; exit 1; }`
  );
}

export function removeScript(uid: number): string {
  return `rm -f ${ruleFileOf(uid)}`;
}

/** What AppleScript hands to `/bin/sh` as root, after asking for an administrator's password. */
export function asAdministrator(shellScript: string, prompt: string): string {
  return `do shell script ${quoted(shellScript)} with prompt ${quoted(prompt)} with administrator privileges`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
