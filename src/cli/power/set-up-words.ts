import { lidRule, lidRuleFile } from '../../local/lid-rule.ts';

/** What `power setup` is about to change on this machine, for a person to agree to. */
export function setUpWords(
  platform: NodeJS.Platform,
  undo: boolean,
  uid = process.getuid?.() ?? 0,
): string {
  if (platform === 'darwin')
    return undo
      ? `This removes the rule ${lidRuleFile(uid)}; macOS asks for an administrator's password. Then a closed lid puts this Mac to sleep again.`
      : `This adds a rule for sudo by which you may run exactly "pmset -a disablesleep 1" and "pmset -a disablesleep 0" without a password; macOS asks for an administrator's once. Porchlight switches it on while work holds the lid, and off again. The rule, in ${lidRuleFile(uid)}: ${lidRule(uid)}`;
  if (platform === 'win32')
    return undo
      ? 'Porchlight changes the lid action of your power plan no more.'
      : 'Porchlight sets the lid action of your power plan to "Do nothing" while work holds the lid, and puts the old one back.';
  return undo
    ? "Porchlight changes your desktop's lid setting no more."
    : 'KDE acts on the lid by itself, whatever else holds it. Porchlight sets "When laptop lid closed" to "Lock screen" while work holds the lid, and puts your own setting back.';
}
