import { readRuleWords } from '../policy/shell/rule-words.ts';

/** Why the words of a rule's command cannot be read, or null. */
export function commandProblem(command: string): string | null {
  const read = readRuleWords(command);
  return 'problem' in read ? `cannot be used: ${read.problem}` : null;
}
