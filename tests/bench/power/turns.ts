import { figure, percentile, type Figure } from '../figure.ts';
import { momentOf, PowerRig, cancel } from './power-rig.ts';

export interface TurnOptions {
  readonly turns: number;
}

const DEFAULTS: TurnOptions = { turns: 60 };

/**
 * From the start of a turn, as its event says, until the real logind lists a hold; and from the turn's
 * end, when no reason is left, until it lists none.
 */
export async function benchTurns({ turns }: TurnOptions = DEFAULTS): Promise<Figure[]> {
  const rig = await PowerRig.start();
  try {
    const host = await rig.host('idle');
    const session = await host.start('quick');
    const taken: number[] = [];
    const released: number[] = [];
    let after = 0;
    for (let turn = 0; turn < turns; turn += 1) {
      await rig.untilHeld(false);
      const sent = host.send(session, 'SCRIPT:hang cancel=ok');
      const heldAtMs = await rig.untilHeld(true);
      await sent;
      const started = await momentOf(host, session, 'turn.started', after);
      taken.push(Math.max(0, heldAtMs - started.atMs));
      await cancel(host, session);
      const goneAtMs = await rig.untilHeld(false);
      const ended = await momentOf(host, session, 'turn.ended', started.seq);
      released.push(Math.max(0, goneAtMs - ended.atMs));
      after = ended.seq;
    }
    return [
      figure('hold after a turn starts, p50', percentile(taken, 0.5), 'ms', { atMost: 100 }),
      figure('hold after a turn starts, p99', percentile(taken, 0.99), 'ms', { atMost: 100 }),
      figure('release after the last reason ends, p50', percentile(released, 0.5), 'ms', {
        atMost: 2_000,
      }),
      figure('release after the last reason ends, p99', percentile(released, 0.99), 'ms', {
        atMost: 2_000,
      }),
    ];
  } finally {
    await rig.stop();
  }
}
