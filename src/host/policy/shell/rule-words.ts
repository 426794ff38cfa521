import { readCommandLine } from './read-command-line.ts';

/** The words of a rule about commands. */
export interface RuleWords {
  readonly words: readonly string[];
}

/** Reads `command` of a rule: one command, each word plain or quoted. Else why it cannot be one. */
export function readRuleWords(text: string): RuleWords | { problem: string } {
  const line = readCommandLine(text);
  const [command, ...others] = line.commands;
  const form = command?.forms[0];
  if (form === undefined || others.some(({ guessed }) => !guessed)) {
    return { problem: 'a rule names the words of exactly one command' };
  }
  if (line.writes.length + line.reads.length > 0 || command?.background === true) {
    return { problem: 'a rule names words only, without redirections and &' };
  }
  const words: string[] = [];
  for (const { text: word, source } of form.words) {
    if (word === null)
      return { problem: `${source} stands for other words: name them, or quote it` };
    words.push(word);
  }
  return { words };
}
