import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { MODES } from '../protocol/mode.ts';
import { addAuditVerbs } from './audit-verbs.ts';
import { makeCli, type Cli, type GlobalOptions, type Surroundings } from './cli.ts';
import { addDeviceVerbs } from './device-verbs.ts';
import { EXIT, explain, type ExitCode } from './failure.ts';
import { addDecisionVerbs } from './decision-verbs.ts';
import { addNightVerbs } from './night-verbs.ts';
import { addMissingVerbs } from './not-built.ts';
import { addNotifyVerbs } from './notify-verbs.ts';
import { addPairVerbs } from './pair-verbs.ts';
import { addPowerVerbs } from './power-verbs.ts';
import { addReachVerbs } from './reach-verbs.ts';
import { addRuleVerbs } from './rule-verbs.ts';
import { adopt, type AdoptOptions } from './verbs/adopt.ts';
import { installAgent, listAgents, removeAgent } from './verbs/agents.ts';
import { backUp } from './verbs/backup.ts';
import { doctor } from './verbs/doctor.ts';
import { runHost } from './verbs/host-run.ts';
import { hostStatus, restartHost, startHost, stopHost } from './verbs/host.ts';
import { showLogs } from './verbs/logs.ts';
import { watchSessions } from './verbs/ls-watch.ts';
import { installService, removeService, serviceStatus, uninstall } from './verbs/service.ts';
import { runRelay } from './verbs/relay.ts';
import { restoreHome } from './verbs/restore.ts';
import { listSessions, showSession } from './verbs/sessions.ts';
import { startSession, type StartOptions } from './verbs/start.ts';
import {
  changeSession,
  continueSession,
  sendPrompt,
  setMode,
  type Lifecycle,
} from './verbs/turns.ts';
import { watchSession } from './verbs/watch.ts';
import { discardWork, landWork, showChanges, type LandOptions } from './verbs/worktree.ts';

export type Act<A extends unknown[], O> = (
  cli: Cli,
  args: A,
  options: O,
) => Promise<ExitCode | void>;

/** Runs one command line to its end and returns the exit code. Everything for people is on stderr. */
export async function runCli(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = new Command();
  /** Ties a verb to the command line it was typed in. */
  const does = <A extends unknown[], O>(act: Act<A, O>) => {
    return async (...given: unknown[]): Promise<void> => {
      // Commander hands over the arguments, then the options, then the command.
      const args = given.slice(0, -2) as A;
      const options = given.at(-2) as O;
      exitCode =
        (await act(makeCli(around, program.opts<GlobalOptions>()), args, options)) ?? EXIT.done;
    };
  };
  describe(program, around);
  addHostVerbs(program, does);
  addSessionVerbs(program, does);
  addDecisionVerbs(program, does);
  addRuleVerbs(program, does);
  addPairVerbs(program, does);
  addDeviceVerbs(program, does);
  addAuditVerbs(program, does);
  addNightVerbs(program, does);
  addPowerVerbs(program, does);
  addReachVerbs(program, does);
  addNotifyVerbs(program, does);
  program
    .command('doctor')
    .description('check everything a roll-out needs')
    .action(does(async (cli) => await doctor(cli)));
  program
    .command('logs')
    .description("the host's log")
    .option('-f, --follow', 'go on with what is written')
    .action(
      does<[], { follow?: boolean }>(async (cli, _args, options) => await showLogs(cli, options)),
    );
  program
    .command('backup')
    .description('a copy of this home in one file, also while sessions work')
    .argument('[file]', 'a new one; default: porchlight-backup-<time>.tar.gz')
    .action(does<[string | undefined], object>(async (cli, [file]) => await backUp(cli, file)));
  program
    .command('restore')
    .description('make this home what it was; the host must not run')
    .argument('<file>')
    .option('--force', 'also over a home in use, which is moved aside')
    .action(
      does<[string], { force?: boolean }>(
        async (cli, [file], options) => await restoreHome(cli, file, options),
      ),
    );
  program
    .command('relay')
    .description('a relay of its own; porchlight relay --help lists its options')
    .argument('[options...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(does<[string[]], object>(async (cli, [args]) => await runRelay(cli, args)));
  addMissingVerbs(program);
  forEach(program, (command) => command.exitOverride().configureOutput(outputOf(around)));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    const told = explain(error);
    if (told.text !== '') around.stderr.write(`porchlight: ${told.text}\n`);
    return told.exitCode;
  }
}

export type Does = <A extends unknown[], O>(
  act: Act<A, O>,
) => (...given: unknown[]) => Promise<void>;

function describe(program: Command, around: Surroundings): void {
  program
    .name('porchlight')
    .description('Your coding agents keep working on your own machine while you are away.')
    .version(around.version, '-V, --version', 'print the version')
    .option('--json', 'one JSON value on stdout, and nothing else')
    .option('--no-start', 'do not start the host; exit 3 when it is not running')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError('(porchlight --help lists the verbs, porchlight VERB --help explains one)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 host not running.',
    );
}

function addHostVerbs(program: Command, does: Does): void {
  const host = program.command('host').description('the daemon that owns the sessions');
  host
    .command('run')
    .description('in the foreground; Ctrl-C stops it and its agents')
    .option('--ui', 'also serve the window on loopback and print a link that works once')
    .action(does<[], { ui?: boolean }>(async (cli, _args, options) => await runHost(cli, options)));
  host
    .command('start')
    .description('in the background')
    .action(does(async (cli) => await startHost(cli)));
  host
    .command('stop')
    .description('end agents, keeper and host')
    .option('--force', 'also while sessions are at work')
    .action(
      does<[], { force?: boolean }>(async (cli, _args, options) => await stopHost(cli, options)),
    );
  host
    .command('status')
    .description('whether it runs; exit 3 when it does not')
    .action(does(async (cli) => await hostStatus(cli)));
  host
    .command('restart')
    .description('a new host; keeper and agents stay')
    .action(does(async (cli) => await restartHost(cli)));
  const service = program.command('service').description('start at login and after a reboot');
  service
    .command('install')
    .description('have the system start it; also mends one that starts another build')
    .action(does(async (cli) => await installService(cli)));
  service
    .command('remove')
    .description('start by itself no more; what runs goes on')
    .action(does(async (cli) => await removeService(cli)));
  service
    .command('uninstall')
    .description('before Porchlight is removed: end all of it, put back every power setting')
    .option('--force', 'also while sessions are at work')
    .action(
      does<[], { force?: boolean }>(async (cli, _args, options) => await uninstall(cli, options)),
    );
  service
    .command('status')
    .description('whether it starts by itself')
    .action(does(async (cli) => await serviceStatus(cli)));
  const agents = program
    .command('agents')
    .description('known agents, found or not')
    .action(does(async (cli) => await listAgents(cli)));
  agents
    .command('install')
    .description('install an agent')
    .argument('<id>')
    .action(does<[string], object>(async (cli, [id]) => await installAgent(cli, id)));
  agents
    .command('remove')
    .description('remove an installed agent')
    .argument('<id>')
    .action(does<[string], object>(async (cli, [id]) => await removeAgent(cli, id)));
}

function addSessionVerbs(program: Command, does: Does): void {
  program
    .command('start')
    .description('a new session')
    .argument(
      '[prompt]',
      'what to do, in quotes; - reads it from stdin; without one the session stays idle',
    )
    .option('--agent <agent>', 'default: the last used, else the only one found')
    .option('--cwd <folder>', 'default: the working directory')
    .addOption(
      new Option('--mode <mode>', 'what it may do without asking; default: ask').choices(MODES),
    )
    .addOption(
      new Option('--isolate <how>', 'a worktree of its own, or none').choices(['worktree', 'none']),
    )
    .option('--share', 'also when another session works in the folder')
    .option('--title <title>')
    .action(
      does<[string | undefined], StartOptions>(
        async (cli, [prompt], options) => await startSession(cli, prompt, options),
      ),
    );
  program
    .command('adopt')
    .description("continue one of the agent's own conversations here; without one, list them")
    .argument('[conversation]', 'as the list names it')
    .option('--agent <agent>', 'default: the last used, else the only one found')
    .option('--cwd <folder>', 'only conversations of this folder')
    .addOption(
      new Option('--mode <mode>', 'what it may do without asking; default: ask').choices(MODES),
    )
    .option('--share', 'also when another session works in the folder')
    .action(
      does<[string | undefined], AdoptOptions>(
        async (cli, [conversation], options) => await adopt(cli, conversation, options),
      ),
    );
  program
    .command('ls')
    .description('sessions')
    .option('--all', 'archived ones too')
    .option('--watch', 'go on as they change; Ctrl-C leaves')
    .action(
      does<[], { all?: boolean; watch?: boolean }>(async (cli, _args, options) =>
        options.watch === true
          ? await watchSessions(cli, options)
          : await listSessions(cli, options),
      ),
    );
  program
    .command('show')
    .description('one session, whole')
    .argument('<id>')
    .action(does<[string], object>(async (cli, [id]) => await showSession(cli, id)));
  program
    .command('send')
    .description('a prompt; queued while the agent is busy')
    .argument('<id>')
    .argument('<text>', 'in quotes; - reads it from stdin')
    .action(
      does<[string, string], object>(async (cli, [id, text]) => await sendPrompt(cli, id, text)),
    );
  program
    .command('watch')
    .description("a session's events; Ctrl-C leaves, the session goes on")
    .argument('<id>')
    .addOption(new Option('--since <seq>', 'only events after this number').argParser(eventNumber))
    .option('--no-follow', 'end at the newest event')
    .action(
      does<[string], { since?: number; follow?: boolean }>(
        async (cli, [id], options) => await watchSession(cli, id, options),
      ),
    );
  addWorktreeVerbs(program, does);
  program
    .command('resume')
    .description('bring a stopped session back')
    .argument('<id>')
    .option('--continue', 'have the agent go on with a turn that was cut short')
    .action(
      does<[string], { continue?: boolean }>(async (cli, [id], options) =>
        options.continue === true
          ? await continueSession(cli, id)
          : await changeSession(cli, 'resume', id),
      ),
    );
  const lifecycle: Record<Exclude<Lifecycle, 'resume'>, string> = {
    cancel: 'end the running turn; the session stays',
    stop: 'end the agent; the session can be resumed',
    archive: 'put a session away',
  };
  for (const [verb, summary] of Object.entries(lifecycle) as [Lifecycle, string][])
    program
      .command(verb)
      .description(summary)
      .argument('<id>')
      .action(does<[string], object>(async (cli, [id]) => await changeSession(cli, verb, id)));
  program
    .command('mode')
    .description('what the agent may do without asking')
    .argument('<id>')
    .addArgument(new Argument('<mode>').choices(MODES))
    .action(
      does<[string, (typeof MODES)[number]], object>(
        async (cli, [id, mode]) => await setMode(cli, id, mode),
      ),
    );
}

function addWorktreeVerbs(program: Command, does: Does): void {
  program
    .command('changes')
    .description('what the session changed in its worktree, committed or not')
    .argument('<id>')
    .option('--patch', 'the differences themselves')
    .action(
      does<[string], { patch?: boolean }>(
        async (cli, [id], options) => await showChanges(cli, id, options),
      ),
    );
  program
    .command('land')
    .description('hand the work back to the branch it began at')
    .argument('<id>')
    .addOption(new Option('--squash', 'as one commit').conflicts('cherryPick'))
    .option('--cherry-pick', 'its commits one by one, without a merge')
    .option('--message <text>', 'of the commit that is made; default: the title')
    .action(
      does<[string], LandOptions>(async (cli, [id], options) => await landWork(cli, id, options)),
    );
  program
    .command('discard')
    .description('end the session and remove its worktree; asks when work would be lost')
    .argument('<id>')
    .option('--force', 'all the same; what would be lost is kept under a ref')
    .action(
      does<[string], { force?: boolean }>(
        async (cli, [id], options) => await discardWork(cli, id, options),
      ),
    );
}

function eventNumber(given: string): number {
  if (!/^\d{1,15}$/u.test(given))
    throw new InvalidArgumentError('It must be the number of an event, 0 or more.');
  return Number(given);
}

/** Help that was asked for goes to stdout, everything else to stderr. */
function outputOf(around: Surroundings) {
  return {
    writeOut: (text: string) => void around.stdout.write(text),
    writeErr: (text: string) => void around.stderr.write(text),
  };
}

function forEach(command: Command, act: (command: Command) => void): void {
  act(command);
  for (const child of command.commands) forEach(child, act);
}
