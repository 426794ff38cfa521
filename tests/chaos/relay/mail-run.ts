import { AWAY_FOR_MS } from '../../../src/connection/device/relay-mailbox.ts';
import type { LightHost } from '../../support/light-host.ts';
import type { RelayDevice } from './relay-device.ts';

/**
 * A device waits a while before it takes its host to be away, and then for the relay to say that it
 * keeps what was left; where it does not say so, nothing is promised.
 */
const LEAVE_LIMIT_MS = AWAY_FOR_MS + 6_000;
/** For the host to be at a node again. */
const BACK_LIMIT_MS = 60_000;
/**
 * From then on. Where NATS was away for long, nodes ask for mail again after a minute at the latest;
 * how late it was is told apart from what was lost.
 */
const DONE_LIMIT_MS = 120_000;
const POLL_MS = 20;

/** What became of mail that its devices did not wait for. */
export class MailRun {
  readonly lost: string[] = [];
  acknowledged = 0;
  /** From the host's return until the last of it was done. */
  readonly doneAfterMs: number[] = [];

  /** The host goes, its devices leave mail and go, the host comes back and does it without them. */
  async play(host: LightHost, devices: readonly RelayDevice[], awayMs: number): Promise<void> {
    const own = devices.filter((each) => each.host === host && each.isOpen && !each.isRevoked);
    host.switchOff();
    for (const device of own) await device.ask();
    await until(
      () => own.every(({ leftNow, waiting }) => leftNow.length === waiting),
      LEAVE_LIMIT_MS,
    );
    const left = own.flatMap(({ leftNow }) => leftNow);
    for (const device of own) device.close();
    this.acknowledged += left.length;
    await pause(awayMs);
    host.switchOn();
    await until(() => host.isUp, BACK_LIMIT_MS);
    const backAtMs = performance.now();
    const isDone = () => {
      const effects = host.effects();
      return left.every((id) => effects.has(id));
    };
    if (await until(isDone, DONE_LIMIT_MS)) {
      if (left.length > 0) this.doneAfterMs.push(performance.now() - backAtMs);
    } else {
      const effects = host.effects();
      const missing = left.filter((id) => !effects.has(id));
      this.lost.push(
        ...missing.map((id) => `the relay kept ${id}, and the host never got it: ${host.words}`),
      );
    }
    for (const device of own) await device.open();
  }
}

async function until(look: () => boolean, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (!look()) {
    if (performance.now() > end) return false;
    await pause(POLL_MS);
  }
  return true;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
