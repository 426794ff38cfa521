import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { failureSince, runKeeper, waitForHost } from '../../local/ensure-host.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, EXIT, explain, type ExitCode } from '../failure.ts';
import { ask, findHost } from '../host/host-link.ts';
import { followFile } from '../logs/follow-file.ts';
import { logJson, logText } from '../logs/log-line.ts';
import { statusRow } from './host.ts';

/** The keeper ends its agents first, each with 6 s of grace. */
const STOP_LIMIT_MS = 20_000;

type Ended = { readonly code: number | null; readonly signal: string | null };

/** `porchlight host run`: keeper and host in the foreground, until Ctrl-C, SIGTERM or `host stop`. */
export async function runHost(cli: Cli, options: { ui?: boolean }): Promise<ExitCode> {
  await refuseSecond(cli);
  const stopping = new AbortController();
  const startedAt = Date.now();
  const keeper = runKeeper(cli.home, cli.programs);
  const ended = endOf(keeper);
  const stopListening = cli.onSignal(() => {
    stopping.abort();
    // A second Ctrl-C does not wait for agents that will not end.
    keeper.kill(keeper.killed ? 'SIGKILL' : 'SIGTERM');
  });
  const log = followFile(cli.home.hostLog, {
    follow: true,
    fromEnd: true,
    signal: stopping.signal,
    lines: async (lines) =>
      lines.forEach((line) => cli.out.remark(cli.json ? logJson(line) : logText(line))),
  });
  let stopAsking = (): void => {};
  try {
    await ready(cli, startedAt, ended, stopping.signal);
    if (!stopping.signal.aborted) stopAsking = await announce(cli, options.ui === true);
    const { code, signal } = await ended;
    if (stopping.signal.aborted || code === 0) return EXIT.done;
    throw new CliFailure(
      `The keeper ended unexpectedly (${signal ?? `exit code ${code}`}): see ${cli.home.logs}`,
    );
  } finally {
    stopping.abort();
    if (keeper.exitCode === null && keeper.signalCode === null) await stop(keeper, ended);
    stopAsking();
    stopListening();
    await log;
  }
}

async function refuseSecond(cli: Cli): Promise<void> {
  const link = await findHost(cli);
  if (link === null) return;
  try {
    const { pid } = await link.client.call('host.status', {});
    throw new CliFailure(
      `A host already runs in ${cli.home.root}, pid ${pid}. Stop it first with: porchlight host stop`,
    );
  } finally {
    link.close();
  }
}

async function ready(
  cli: Cli,
  startedAt: number,
  ended: Promise<Ended>,
  stopping: AbortSignal,
): Promise<void> {
  const up = waitForHost(cli.home, startedAt).then((socket) => void socket.destroy());
  const early = ended.then(({ code, signal }) => {
    if (stopping.aborted) return;
    // A keeper leaves when its host refuses to start: what the host says is the reason.
    const why = failureSince(cli.home, startedAt);
    throw new CliFailure(
      why ??
        `The keeper ended before the host was up (${signal ?? `exit code ${code}`}): see ${cli.home.logs}`,
    );
  });
  // Whichever comes second has nobody to tell.
  up.catch(() => {});
  early.catch(() => {});
  await Promise.race([up, early]);
}

/** Says that the host is up; the returned function ends what listens for Enter. */
async function announce(cli: Cli, ui: boolean): Promise<() => void> {
  const running = { ...cli, startsHost: false };
  const status = statusRow(await ask(running, 'host.status', {}));
  cli.out.remark(`The host is running, pid ${status.pid}. Ctrl-C stops it and its agents.`);
  if (!ui) {
    await cli.out.answer(status, () => '');
    return () => {};
  }
  const link = async (): Promise<void> => {
    const { url, expiresAt } = await ask(running, 'host.serveUi', {});
    cli.out.remark(
      `This link works once, until ${expiresAt}${cli.asks ? '; Enter gives another' : ''}:`,
    );
    await cli.out.answer({ ...status, url, expiresAt }, () => url);
  };
  await link();
  if (!cli.asks) return () => {};
  const lines = createInterface({ input: cli.stdin });
  lines.on('line', () => {
    link().catch((error: unknown) => cli.out.remark(`No new link: ${explain(error).text}`));
  });
  return () => lines.close();
}

function endOf(keeper: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    keeper.once('exit', (code, signal) => resolve({ code, signal }));
    keeper.once('error', (error) =>
      reject(new CliFailure(`The keeper could not be started: ${error.message}`)),
    );
  });
}

async function stop(keeper: ChildProcess, ended: Promise<Ended>): Promise<void> {
  keeper.kill('SIGTERM');
  const patience = new AbortController();
  const inTime = await Promise.race([
    ended.then(
      () => true,
      () => true,
    ),
    delay(STOP_LIMIT_MS, false, { signal: patience.signal }).catch(() => false),
  ]);
  patience.abort();
  if (!inTime) keeper.kill('SIGKILL');
}
