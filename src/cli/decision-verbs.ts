import type { Command } from 'commander';
import type { Does } from './program.ts';
import {
  answer,
  approve,
  deny,
  listApprovals,
  type ApproveOptions,
  type DenyOptions,
} from './verbs/decide.ts';

export function addDecisionVerbs(program: Command, does: Does): void {
  program
    .command('approvals')
    .description('what waits for your decision')
    .option('--session <id>')
    .action(
      does<[], { session?: string }>(
        async (cli, _args, options) => await listApprovals(cli, options),
      ),
    );
  program
    .command('approve')
    .description('allow calls, once')
    .argument('<approval...>')
    .option('--always', 'and from now on, by the narrowest rule that does')
    .option('--for <time>', 'and its like for so long: 90m, 2h')
    .option('--uses <times>', 'and its like so often')
    .action(
      does<[string[]], ApproveOptions>(
        async (cli, [ids], options) => await approve(cli, ids, options),
      ),
    );
  program
    .command('deny')
    .description('refuse calls, or decline a question')
    .argument('<approval...>')
    .option('--reason <reason>', 'reaches the agent as a prompt')
    .option('--instead <json>', 'the input to call it with instead; the agent asks again')
    .action(
      does<[string[]], DenyOptions>(async (cli, [ids], options) => await deny(cli, ids, options)),
    );
  program
    .command('answer')
    .description("answer an agent's question")
    .argument('<approval>')
    .argument('<json>', 'an object with the fields of the question; - reads it from stdin')
    .action(does<[string, string], object>(async (cli, [id, json]) => await answer(cli, id, json)));
}
