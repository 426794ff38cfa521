import { lidRule, lidRuleFile } from '../../local/lid-rule.ts';

/**
 * For `/bin/sh` as root. The rule comes in the command itself: a file that the user could change
 * between check and move would make anything of that user root. sudo ignores names with a dot, so
 * nothing half-written counts.
 */
export function installScript(uid: number): string {
  const draft = `/etc/sudoers.d/.porchlight-${uid}.new`;
  const steps = [
    'umask 077',
    `rm -f ${draft}`,
    `printf '%s\\n' '# Lets Porchlight keep this Mac awake while its lid is closed. Safe to delete.' '${lidRule(uid)}' > ${draft}`,
    `chown root:wheel ${draft}`,
    `chmod 0440 ${draft}`,
    `/usr/sbin/visudo -cf ${draft} > /dev/null`,
    `mv -f ${draft} ${lidRuleFile(uid)}`,
  ];
  return `${steps.join(' && ')} || { rm -f ${draft}; exit 1; }`;
}

export function removeScript(uid: number): string {
  return `rm -f ${lidRuleFile(uid)}`;
}

/** What AppleScript hands to `/bin/sh` as root, after asking for an administrator's password. */
export function asAdministrator(shellScript: string, prompt: string): string {
  return `do shell script ${quoted(shellScript)} with prompt ${quoted(prompt)} with administrator privileges`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
