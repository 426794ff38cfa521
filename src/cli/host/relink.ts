import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs, type BackoffPolicy } from '../../base/backoff.ts';
import { DeadlineExceeded } from '../../base/deadline.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Cli } from '../cli.ts';
import { CliFailure, EXIT } from '../failure.ts';
import { isNotRunning, linkHost, type HostLink } from './host-link.ts';
import { isKeeperThere } from './keeper-link.ts';

const RECONNECT: BackoffPolicy = { firstMs: 50, maxMs: 2_000 };
/** Without a keeper nobody will start the host again, but a person may be doing so just now. */
const NO_KEEPER_LIMIT_MS = 10_000;

export interface Relinking {
  readonly signal: AbortSignal;
  /** The host is away, or back. */
  remark(text: string): void;
}

/** Whether the connection is to blame, and another may do better. */
export function isLost(link: HostLink, error: unknown): boolean {
  return (
    error instanceof DeadlineExceeded ||
    (link.closedBecause() !== null &&
      !(error instanceof RpcFailure) &&
      !(error instanceof CliFailure))
  );
}

/** A new connection to whichever host comes; null when `signal` aborts first. Never starts one: a person may have stopped it. */
export async function relink(cli: Cli, { signal, remark }: Relinking): Promise<HostLink | null> {
  let aloneSince: number | null = null;
  for (let failures = 1; ; failures += 1) {
    try {
      await delay(backoffMs(failures, RECONNECT, cli.random()), undefined, { signal });
    } catch {
      return null;
    }
    try {
      const link = await linkHost({ ...cli, startsHost: false });
      if (failures > 1) remark('Connected again.');
      return link;
    } catch (error) {
      if (error instanceof RpcFailure) throw error;
      if (failures === 1)
        remark('The connection to the host was lost; waiting for it to come back.');
      if (!isNotRunning(error) || (await isKeeperThere(cli.home))) {
        aloneSince = null;
        continue;
      }
      aloneSince ??= cli.nowMs();
      if (cli.nowMs() - aloneSince > NO_KEEPER_LIMIT_MS)
        throw new CliFailure(
          'The host was stopped. Start it again with: porchlight host start',
          EXIT.notRunning,
        );
    }
  }
}
