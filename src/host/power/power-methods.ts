import { RpcFailure } from '../../protocol/errors.ts';
import type { PowerPolicy } from '../../protocol/power.ts';
import type { Audit } from '../audit/trail.ts';
import type { LogWriter } from '../event-log/event-log.ts';
import type { Commands } from '../sessions/commands.ts';
import type { Awake } from './awake.ts';
import { HolderRefusal } from './holder-channel.ts';
import type { HolderPort } from './holder-port.ts';
import type { PolicyChange } from './policy-file.ts';
import type { PowerMethods } from './power.ts';
import type { UserHolds } from './user-holds.ts';

export interface PowerMethodsNeeds {
  readonly awake: Pick<Awake, 'state' | 'refreshed' | 'look'>;
  readonly users: UserHolds;
  readonly holder: Pick<HolderPort, 'setUp'>;
  readonly commands: Pick<Commands, 'once'>;
  readonly audit: Audit;
  commit(work: (tx: LogWriter) => void): void;
  policy(): PowerPolicy;
  /** Into config.json, durable and in force when it returns. Throws an {@link RpcFailure}. */
  writePolicy(change: PolicyChange): void;
}

/** What surfaces ask and say about keeping awake. */
export function powerMethods(needs: PowerMethodsNeeds): PowerMethods {
  const { awake, users, holder, commands, audit, commit, policy, writePolicy } = needs;
  const tell = (tx: LogWriter, by: string, what: Record<string, unknown>): void =>
    audit.append(tx, { kind: 'powerChanged', who: audit.who(by), what });
  return {
    'power.state': async () => ({ power: await awake.refreshed() }),
    'power.hold': ({ commandId, ...wanted }, { surface }) => {
      const { hold } = users.add(commandId, wanted, surface);
      const live = awake.state().holds.find(({ id }) => id === hold.id);
      return { hold: live ?? { ...hold, kind: 'user', ageSec: 0 } };
    },
    'power.release': ({ commandId, id }, { surface }) => users.release(commandId, id, surface),
    'power.setPolicy': ({ commandId, policy: change }, { surface }) => {
      const result = commands.once(commandId, (tx) => {
        tell(tx, surface, { policy: change });
        // Last: what is written into a file is not undone with a transaction.
        writePolicy(change);
        return { policy: policy() };
      });
      awake.look();
      return result;
    },
    'power.sleepWhenDone': ({ commandId, on }, { surface }) =>
      users.setSleepWhenDone(commandId, on, surface),
    'power.setUp': async ({ undo }, { surface }) => {
      try {
        const { message } = await holder.setUp(undo);
        commit((tx) => tell(tx, surface, { setUp: !undo }));
        return { message };
      } catch (error) {
        if (!(error instanceof HolderRefusal)) throw error;
        throw new RpcFailure('refused', error.message);
      }
    },
  };
}
