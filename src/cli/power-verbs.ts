import { Argument, type Command } from 'commander';
import type { Does } from './program.ts';
import { undoPower } from './verbs/power-undo.ts';
import {
  holdAwake,
  powerPolicy,
  releaseHolds,
  reportLid,
  setUpPower,
  showPower,
  sleepWhenDone,
  type HoldOptions,
  type SetUpOptions,
} from './verbs/power.ts';

export function addPowerVerbs(program: Command, does: Does): void {
  const power = program
    .command('power')
    .description('what holds the machine awake, and whether the lid may be closed')
    .action(does(async (cli) => await showPower(cli)));
  power
    .command('hold')
    .description('hold it awake, whatever the sessions do')
    .option('--for <time>', 'it ends by itself after that: 2h')
    .option('--lid', 'with the lid closed too')
    .option('--reason <text>', 'shown beside it')
    .action(does<[], HoldOptions>(async (cli, _args, options) => await holdAwake(cli, options)));
  power
    .command('release')
    .description('let go of your own holds; what sessions hold ends with their work')
    .argument('[id]', 'only this one')
    .action(does<[string | undefined], object>(async (cli, [id]) => await releaseHolds(cli, id)));
  power
    .command('policy')
    .description('when work may hold it awake; with KEY=VALUE, change that')
    .argument('[settings...]', 'as in keepAwake=lid batteryFloor=30 quietHours=23:00-06:30')
    .action(does<[string[]], object>(async (cli, [settings]) => await powerPolicy(cli, settings)));
  power
    .command('sleep-when-done')
    .description('put it to sleep, once, when the last hold is gone; off calls that off')
    .addArgument(new Argument('[switch]').choices(['on', 'off']))
    .action(
      does<['on' | 'off' | undefined], object>(
        async (cli, [given]) => await sleepWhenDone(cli, given),
      ),
    );
  power
    .command('setup')
    .description('what the lid needs once on this machine; says what, and asks')
    .option('--undo', 'take it back')
    .option('--yes', 'without asking')
    .option('--force', 'the same')
    .action(does<[], SetUpOptions>(async (cli, _args, options) => await setUpPower(cli, options)));
  power
    .command('report')
    .description('what ran behind the closed lid, now or the last time')
    .action(does(async (cli) => await reportLid(cli)));
  power
    .command('undo')
    .description('put back all power settings that Porchlight changed; needs no host')
    .action(does(async (cli) => await undoPower(cli)));
}
