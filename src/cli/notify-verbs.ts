import { Argument, type Command } from 'commander';
import type { Does } from './program.ts';
import { notifyPolicy, showNotify, testNotify, type TestOptions } from './verbs/notify.ts';
import {
  allowHosts,
  disallowHosts,
  setNtfy,
  setWebhook,
  type NtfyOptions,
  type WebhookOptions,
} from './verbs/notify-channels.ts';

const DETAIL = 'titles and calls too; whoever runs that server can read them';

export function addNotifyVerbs(program: Command, does: Does): void {
  const notify = program
    .command('notify')
    .description('what asks for you, where you are told, and how that fares')
    .action(does(async (cli) => await showNotify(cli)));
  notify
    .command('policy')
    .description('when and how you are told; with KEY=VALUE, change that')
    .argument('[settings...]', 'as in finished=off seenSec=60 quietHours=23:00-06:30')
    .action(does<[string[]], object>(async (cli, [settings]) => await notifyPolicy(cli, settings)));
  notify
    .command('test')
    .description('tell a place something harmless; without one, all of them')
    .argument('[place]', 'as the list names it: ntfy, webhook, desktop')
    .option('--device <device>', 'its name or id')
    .action(
      does<[string | undefined], TestOptions>(
        async (cli, [place], options) => await testNotify(cli, place, options),
      ),
    );
  notify
    .command('ntfy')
    .description('also by ntfy, a server of yours or ntfy.sh; off ends it')
    .addArgument(new Argument('[off]').choices(['off']))
    .option('--url <url>', 'of the server')
    .option('--topic <topic>', 'whoever knows it can read it on a server without accounts')
    .option('--token-stdin', 'its access token, on stdin')
    .option('--detail', DETAIL)
    .action(
      does<['off' | undefined], NtfyOptions>(
        async (cli, [off], options) => await setNtfy(cli, off, options),
      ),
    );
  notify
    .command('webhook')
    .description('also by a signed POST to an address; off ends it')
    .argument('<url>', 'or off; - reads it from stdin')
    .option('--secret-stdin', 'of its signature, on stdin; else one is made and shown once')
    .option('--detail', DETAIL)
    .action(
      does<[string], WebhookOptions>(
        async (cli, [url], options) => await setWebhook(cli, url, options),
      ),
    );
  notify
    .command('allow')
    .description('addresses that may be private, and plain http')
    .argument('<hosts...>', 'host or host:port')
    .action(does<[string[]], object>(async (cli, [hosts]) => await allowHosts(cli, hosts)));
  notify
    .command('disallow')
    .description('no more')
    .argument('<hosts...>')
    .action(does<[string[]], object>(async (cli, [hosts]) => await disallowHosts(cli, hosts)));
}
