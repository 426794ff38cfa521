import { z } from 'zod';
import { RpcFailure } from '../../protocol/errors.ts';
import type { CommandId } from '../../protocol/ids.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { Store, Writer } from '../event-log/store.ts';
import { LOCAL_COMMANDS } from './commands.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A command that waited longer may have been done and forgotten. */
const MAX_AGE_MS = 7 * DAY_MS;
/** How far a device's clock may be ahead; what was done is remembered for that much longer. */
export const CLOCK_SLACK_MS = DAY_MS;
/** Whose command it is is remembered under this name, beside what came of it. */
const OWNERS = 'device';
/** Commands that were left for this host and refused: the device hears the same when it sends them itself. */
const REFUSED = 'refused';

const refusedSchema = z.object({
  code: z.number(),
  message: z.string(),
  data: z.unknown().optional(),
});

export interface CommandClaimsNeeds {
  readonly log: { commit<T>(work: (tx: Pick<Writer, 'putCommand'>) => T): T };
  readonly store: Pick<Store, 'command'>;
  now(): Date;
}

/**
 * A command belongs to the device that sent it first, or to this machine's own surfaces: nobody else
 * gets its result by sending its id, which every surface sees in the events.
 */
export class CommandClaims {
  readonly #needs: CommandClaimsNeeds;

  constructor(needs: CommandClaimsNeeds) {
    this.#needs = needs;
  }

  /** `device` null: a surface of this machine. Throws an `RpcFailure` in words; durable when it returns. */
  claim(device: DeviceId | null, commandId: CommandId): void {
    const { store, log } = this.#needs;
    const owner = store.command(OWNERS, commandId)?.result;
    if (owner === undefined && device === null) return;
    if (device !== null) this.#checkAge(commandId);
    if (owner === device) return this.#checkRefused(commandId);
    if (owner !== undefined || store.command(LOCAL_COMMANDS, commandId) !== null)
      throw new RpcFailure('refused', 'Another surface has given this command: give it anew.', {
        kind: 'notYours',
      });
    log.commit((tx) => tx.putCommand(OWNERS, commandId, device, this.#needs.now().getTime()));
  }

  /**
   * The device, which was not there, is to hear of this refusal, and the command is not done after all
   * by then: others may have followed it. Durable when it returns. Nothing where it never was the device's.
   */
  refused(device: DeviceId, commandId: CommandId, { code, message, data }: RpcFailure): void {
    const { store, log, now } = this.#needs;
    if (store.command(OWNERS, commandId)?.result !== device) return;
    const result = { code, message, data };
    log.commit((tx) => tx.putCommand(REFUSED, commandId, result, now().getTime()));
  }

  #checkRefused(commandId: CommandId): void {
    const refused = refusedSchema.safeParse(this.#needs.store.command(REFUSED, commandId)?.result);
    if (!refused.success) return;
    const { code, message, data } = refused.data;
    throw new RpcFailure(code, message, data);
  }

  #checkAge(commandId: CommandId): void {
    const givenAtMs = timeOf(commandId);
    const ageMs = this.#needs.now().getTime() - givenAtMs;
    const when = new Date(givenAtMs).toISOString();
    if (ageMs > MAX_AGE_MS)
      throw new RpcFailure(
        'refused',
        `This was asked on ${when}, more than 7 days ago, and is not done any more. If it is still wanted, ask for it anew. (If that date is wrong, the clock of this device is.)`,
        { kind: 'tooOld' },
      );
    if (ageMs < -CLOCK_SLACK_MS)
      throw new RpcFailure(
        'refused',
        `This device says that it is ${when}, which is more than a day ahead of the host: set its clock.`,
        { kind: 'clock' },
      );
  }
}

/** RFC 9562 §5.7: the first 48 bits are the milliseconds since 1970. */
function timeOf(commandId: CommandId): number {
  return Number.parseInt(commandId.replaceAll('-', '').slice(0, 12), 16);
}
