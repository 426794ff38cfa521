import { figure, median, type Figure } from '../figure.ts';
import { holderPids, PowerRig } from './power-rig.ts';

export interface KilledOptions {
  readonly rounds: number;
}

const DEFAULTS: KilledOptions = { rounds: 5 };

/** From SIGKILL of the holder, while a turn runs, until the real logind lists a hold again. */
export async function benchKilled({ rounds }: KilledOptions = DEFAULTS): Promise<Figure[]> {
  const rig = await PowerRig.start();
  try {
    const host = await rig.host('idle');
    await host.start('quick', 'SCRIPT:hang');
    await rig.untilHeld(true);
    const back: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const killed = holderPids(host.home.root);
      if (killed.length === 0) throw new Error('There is no holder to kill');
      const killedAtMs = Date.now();
      for (const pid of killed) process.kill(pid, 'SIGKILL');
      // The lock of the killed one may still be listed when this begins.
      await rig.untilHeld(false);
      back.push((await rig.untilHeld(true)) - killedAtMs);
    }
    return [
      figure('hold again after SIGKILL of the holder, median', median(back), 'ms'),
      figure('hold again after SIGKILL of the holder, slowest', Math.max(...back), 'ms'),
    ];
  } finally {
    await rig.stop();
  }
}
