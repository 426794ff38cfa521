import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { TOOL_KINDS } from '../protocol/approval/tool-kinds.ts';
import { MODES } from '../protocol/mode.ts';
import { RULE_DECISIONS, type RuleDecision } from '../protocol/rules/rule.ts';
import type { Does } from './program.ts';
import { trustProject, type TrustOptions } from './verbs/rule-trust.ts';
import {
  addRule,
  checkCall,
  listRules,
  removeRule,
  type AddOptions,
  type CheckOptions,
} from './verbs/rules.ts';

export function addRuleVerbs(program: Command, does: Does): void {
  const rules = program
    .command('rules')
    .description('standing rules: what agents may do without asking you, and what never')
    .action(does(async (cli) => await listRules(cli)));
  const add = rules
    .command('add')
    .description('add a rule: deny wins over ask, and ask over allow')
    .addArgument(new Argument('<decision>').choices(RULE_DECISIONS));
  whatOptions(add)
    .option('--path <glob>', 'files: absolute, below ~/, or in the folder of the session')
    .option('--session <id>', 'only in this session, and until it ends')
    .option('--branch <glob>', 'only where this branch is checked out')
    .option('--folder <folder>', 'only for sessions that work there')
    .option('--for <time>', 'ends after 90m, 8h or 2d')
    .addOption(new Option('--until <time>', 'ends at 07:00 or 2026-11-22T07:00').conflicts('for'))
    .addOption(new Option('--uses <n>', 'ends after so many calls').argParser(wholeNumber))
    .option('--fresh', 'with ask: whoever decides proves to be there')
    .option('--note <text>', 'why it is there')
    .action(
      does<[RuleDecision], AddOptions>(
        async (cli, [decision], options) => await addRule(cli, decision, options),
      ),
    );
  rules
    .command('remove')
    .description('remove one of your own rules')
    .argument('<n>', 'its number in the list')
    .action(does<[string], object>(async (cli, [n]) => await removeRule(cli, n)));
  whatOptions(
    rules.command('check').description('what would happen to a call, and why; nothing is run'),
  )
    .addOption(
      new Option('--path <path>', 'a file that it is about; may be given again').argParser(
        (path: string, before: string[] | undefined) => [...(before ?? []), path],
      ),
    )
    .option('--cwd <folder>', 'where the agent would work; default: the working directory')
    .addOption(new Option('--mode <mode>', 'the mode the session would be in').choices(MODES))
    .option('--session <id>', 'as if this session asked')
    .action(does<[], CheckOptions>(async (cli, _args, options) => await checkCall(cli, options)));
  for (const [verb, trusted, summary] of TRUST)
    rules
      .command(verb)
      .description(summary)
      .argument('[folder]', 'default: the working directory')
      .option('--force', 'without asking')
      .action(
        does<[string | undefined], TrustOptions>(
          async (cli, [folder], options) => await trustProject(cli, { folder, trusted, options }),
        ),
      );
}

const TRUST = [
  ['trust', true, "let a project's own rules allow too, for as long as its file stays as it is"],
  ['distrust', false, "let a project's own rules only deny or ask"],
] as const;

function whatOptions(command: Command): Command {
  return command
    .option('--agent <agent>')
    .addOption(new Option('--kind <kind>', 'what the call does').choices(TOOL_KINDS))
    .option('--command <words>', 'a shell command, in quotes')
    .option('--host <name>', 'on the network: example.com, *.example.com, with :port if it matters')
    .option('--mcp <server/tool>', 'a tool of an MCP server; server/* for all of them');
}

function wholeNumber(given: string): number {
  const n = Number(given);
  if (/^\d{1,7}$/u.test(given) && n >= 1 && n <= 1_000_000) return n;
  throw new InvalidArgumentError('It must be a whole number from 1 to 1000000.');
}
