import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostFailureFile } from '../local/ensure-host.ts';
import { homeOf, makeHome } from '../local/home.ts';
import { REFUSALS } from '../protocol/keeper.ts';
import { composeHost, type Host } from './compose.ts';
import { ConfigError } from './config/config-error.ts';
import { HomeTaken } from './endpoints/local-endpoint.ts';
import { StoreCorrupt, StoreTooNew } from './event-log/store.ts';
import { KeeperRefusal } from './keeper-link/agent-pipes.ts';
import { openLogFile } from './log-file.ts';

/** sysexits.h EX_CONFIG: the keeper does not start a host again that refuses to start. */
const REFUSES_TO_START = 78;
const STOP_LIMIT_MS = 5_000;

/** With the RunAsNode fuse off, Electron ignores the variable and would start the app again, for ever. */
function refuseToBeAnApp(): void {
  if (process.versions.electron !== undefined && 'type' in process && process.type !== undefined)
    process.exit(REFUSES_TO_START);
}

async function main(): Promise<void> {
  refuseToBeAnApp();
  const home = homeOf(process.env);
  makeHome(home);
  rmSync(hostFailureFile(home), { force: true });
  const { logger, close } = openLogFile(home.hostLog);
  const dist = join(dirname(fileURLToPath(import.meta.url)), '..');
  let host: Host | null = null;
  let isLeaving = false;

  const leave = async (code: number, reason: string): Promise<void> => {
    if (isLeaving) return;
    isLeaving = true;
    logger.info({ code, reason }, 'host leaves');
    setTimeout(() => process.exit(code), STOP_LIMIT_MS).unref();
    host?.close();
    await close();
    process.exit(code);
  };
  const crash = (error: unknown): void => {
    logger.error({ err: error }, 'the host failed and leaves; the keeper starts it again');
    console.error(error);
    void leave(1, 'a fault');
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  process.on('SIGTERM', () => void leave(0, 'SIGTERM'));
  process.on('SIGINT', () => void leave(0, 'SIGINT'));

  try {
    host = await composeHost({
      home,
      dist,
      logger,
      leave: (code, reason) => void leave(code, reason),
    });
    logger.info({ pid: process.pid }, 'host is up');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    logger.error({ err: error }, 'the host cannot start');
    try {
      mkdirSync(dirname(hostFailureFile(home)), { recursive: true, mode: 0o700 });
      writeFileSync(hostFailureFile(home), JSON.stringify({ message }), { mode: 0o600 });
    } catch (cause) {
      // A full disk: the log and whoever reads our stderr have to do.
      logger.warn({ err: cause }, 'why the host cannot start could not be left for others');
    }
    console.error(message);
    await leave(isRefusal(error) ? REFUSES_TO_START : 1, 'cannot start');
  }
}

/** What only a person can mend; anything else the keeper may try again. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof ConfigError ||
    error instanceof StoreTooNew ||
    error instanceof StoreCorrupt ||
    error instanceof HomeTaken ||
    // Its agents stay with it; where it has none it leaves too, and makes room for a newer one.
    (error instanceof KeeperRefusal && error.code === REFUSALS.wrongProtocol)
  );
}

await main();
