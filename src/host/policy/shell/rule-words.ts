import { parse } from 'unbash';
import { unseenCharacter } from './characters.ts';
import { literalText } from './word-text.ts';

/** The words of a rule about commands. */
export interface RuleWords {
  readonly words: readonly string[];
}

/** Reads `command` of a rule: one command, each word plain or quoted. Else why it cannot be one. */
export function readRuleWords(text: string): RuleWords | { problem: string } {
  const unseen = unseenCharacter(text);
  if (unseen !== null) return { problem: unseen };
  const script = parse(text);
  const [statement, ...others] = script.commands;
  const command = statement?.command;
  if (
    script.errors !== undefined ||
    others.length > 0 ||
    command?.type !== 'Command' ||
    command.name === undefined
  ) {
    return { problem: 'a rule names the words of exactly one command' };
  }
  if (command.redirects.length > 0 || statement?.background === true) {
    return { problem: 'a rule names words only, without redirections and &' };
  }
  if (command.prefix.length > 0) return { problem: 'a rule cannot set variables' };
  const words: string[] = [];
  for (const { text: source } of [command.name, ...command.args]) {
    const word = source === '[' ? source : literalText(source);
    if (word === null)
      return { problem: `${source} stands for other words: name them, or quote it` };
    words.push(word);
  }
  return { words };
}
