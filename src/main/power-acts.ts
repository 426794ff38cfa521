import { v7 as uuidv7 } from 'uuid';
import { commandIdSchema } from '../protocol/ids.ts';
import type { PowerState } from '../protocol/power.ts';
import type { HostConnection } from './host-connection.ts';
import type { PowerAction } from './tray/menu-entry.ts';

export interface PowerActs {
  readonly host: Pick<HostConnection, 'call'>;
  /** As it was told last. */
  power(): PowerState | null;
  openPower(): void;
}

/** Does what the tray's menu offers about staying awake. */
export async function performPower(
  action: PowerAction,
  { host, power, openPower }: PowerActs,
): Promise<void> {
  const commandId = commandIdSchema.parse(uuidv7());
  switch (action.do) {
    case 'keepAwake':
      await host.call('power.setPolicy', { commandId, policy: { keepAwake: action.way } });
      // A tick would promise what the lid does not keep before it is set up: the window asks for consent.
      if (action.way === 'lid' && power()?.lid.setUp === 'needed') openPower();
      return;
    case 'hold':
      await host.call('power.hold', { commandId, forSec: action.forSec, lid: false });
      return;
    case 'releaseHolds':
      await host.call('power.release', { commandId });
      return;
    case 'sleepWhenDone':
      await host.call('power.sleepWhenDone', { commandId, on: action.on });
  }
}
