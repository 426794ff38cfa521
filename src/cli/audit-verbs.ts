import { InvalidArgumentError, type Command } from 'commander';
import type { Does } from './program.ts';
import {
  changeAuditKey,
  checkAudit,
  exportAudit,
  showAudit,
  showAuditHead,
} from './verbs/audit.ts';

export function addAuditVerbs(program: Command, does: Does): void {
  const audit = program
    .command('audit')
    .description('the audit log: who decided, paired, prompted and changed what')
    .option('--last <n>', 'so many of the newest entries', atLeastOne)
    .action(
      does<[], { last?: number }>(async (cli, _args, options) => await showAudit(cli, options)),
    );
  audit
    .command('export')
    .description('all of it as JSON lines')
    .option('--to <file>', 'a new file')
    .action(
      does<[], { to?: string }>(async (cli, _args, options) => await exportAudit(cli, options)),
    );
  audit
    .command('verify')
    .description('whether nobody has changed, cut or reordered it; exit 1 when it does not hold')
    .argument('[file]', 'an exported one, without a host')
    .option('--head <N:HASH>', 'kept elsewhere: the log must still contain it')
    .action(
      does<[string | undefined], { head?: string }>(
        async (cli, [file], options) => await checkAudit(cli, file, options),
      ),
    );
  audit
    .command('head')
    .description('its newest entry as N:HASH, to be printed or kept elsewhere')
    .action(does(async (cli) => await showAuditHead(cli)));
  audit
    .command('change-key')
    .description('sign with another key from now on')
    .action(does(async (cli) => await changeAuditKey(cli)));
}

function atLeastOne(text: string): number {
  const n = Number(text);
  if (Number.isSafeInteger(n) && n > 0) return n;
  throw new InvalidArgumentError('a number from 1');
}
