import type { Command } from 'commander';
import type { Does } from './program.ts';
import { probeReach, restartSession } from './verbs/reach.ts';

export function addReachVerbs(program: Command, does: Does): void {
  program
    .command('reach')
    .description('probe phone, relay, host and agents; exit 3 when no host runs')
    .action(does(async (cli) => await probeReach(cli)));
  program
    .command('restart')
    .description("end a session's agent, however it stands, and bring it back")
    .argument('<id>')
    .action(does<[string], object>(async (cli, [id]) => await restartSession(cli, id)));
}
