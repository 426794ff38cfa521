import type { Command } from 'commander';
import type { Does } from './program.ts';
import { endNight, reportNight, showNight, startNight, type NightOptions } from './verbs/night.ts';

export function addNightVerbs(program: Command, does: Does): void {
  const night = program
    .command('night')
    .description('an unattended run: rules decide what they can, the rest waits')
    .action(does(async (cli) => await showNight(cli)));
  night
    .command('start')
    .description('begin it; begun twice it goes on, until the later end')
    .option('--until <time>', 'it ends by itself then: 07:00')
    .option('--for <time>', 'it ends by itself after that: 8h')
    .action(does<[], NightOptions>(async (cli, _args, options) => await startNight(cli, options)));
  night
    .command('end')
    .description('end it')
    .action(does(async (cli) => await endNight(cli)));
  night
    .command('report')
    .description('what ran, what waits and what was refused, in this night or the last one')
    .action(does(async (cli) => await reportNight(cli)));
}
