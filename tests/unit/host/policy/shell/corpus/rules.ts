import {
  readRuleWords,
  type RuleWords,
} from '../../../../../../src/host/policy/shell/rule-words.ts';

export function rulesOf(texts: readonly string[]): RuleWords[] {
  return texts.map((text) => {
    const read = readRuleWords(text);
    if ('problem' in read) throw new Error(`${text}: ${read.problem}`);
    return read;
  });
}
