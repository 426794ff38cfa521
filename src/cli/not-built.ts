import type { Command } from 'commander';
import { type CliFailure, notBuilt } from './failure.ts';

/** A verb of the contract whose part is not there yet: it takes its arguments and says what is missing. */
interface MissingVerb {
  /** Words and arguments, as commander reads them; a word before the last is a group. */
  readonly usage: string;
  readonly summary: string;
  readonly part: string;
  readonly options?: readonly string[];
}

const MISSING: readonly MissingVerb[] = [
  {
    usage: 'attach <id>',
    summary: 'live terminal view; Ctrl-] leaves, the session goes on',
    part: 'the terminal view',
  },
  {
    usage: 'acp',
    summary: 'be an ACP agent on stdio for an editor',
    part: 'the editor connection',
  },
];

export function addMissingVerbs(program: Command): void {
  for (const verb of MISSING) {
    const { usage, summary, part, options = [] } = verb;
    const words = usage.split(' ');
    const args = words.filter((word) => /^[<[]/u.test(word));
    const names = words.slice(0, words.length - args.length);
    const command = find(program, names).description(summary).helpGroup('Not in this version yet:');
    for (const arg of args) command.argument(arg);
    for (const option of options) command.option(option);
    command.action(() => {
      throw missing(names.join(' '), part);
    });
  }
}

function missing(verb: string, part: string): CliFailure {
  return notBuilt(`porchlight ${verb}`, part);
}

/** The command of these words, made where it is not there yet. */
function find(program: Command, names: readonly string[]): Command {
  let command = program;
  for (const name of names)
    command = command.commands.find((child) => child.name() === name) ?? command.command(name);
  return command;
}
