import { Option, type Command } from 'commander';
import { ROLES } from '../protocol/devices.ts';
import type { Does } from './program.ts';
import { confirmPair, pair, refusePair, type PairOptions } from './verbs/pair.ts';

export function addPairVerbs(program: Command, does: Does): void {
  const role = (): Option =>
    new Option('--role <role>', 'what it may do; default: approver').choices(ROLES);
  const command = program
    .command('pair')
    .description('pair a phone: QR code, then digits to confirm')
    .addOption(role())
    .option('--relay <url>', 'another relay than the configured one')
    .option('--lan', 'by plain http on the local network, as a trial')
    .option('--person <name>', 'whose phone it is; default: yours')
    .action(does<[], PairOptions>(async (cli, _args, options) => await pair(cli, options)));
  command
    .command('confirm')
    .description('the phone shows these digits; also from another terminal')
    .argument('<digits>')
    .addOption(role())
    .option('--person <name>', 'whose phone it is; default: yours')
    .action(
      does<[string], Pick<PairOptions, 'role' | 'person'>>(
        // `pair` takes its options wherever they stand, also those behind `confirm`.
        async (cli, [digits], options) =>
          await confirmPair(cli, digits, { ...command.opts<PairOptions>(), ...options }),
      ),
    );
  command
    .command('refuse')
    .description('refuse the device that asks; its code is void')
    .action(does(async (cli) => await refusePair(cli)));
}
