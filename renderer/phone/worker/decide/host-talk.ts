import { z } from 'zod';
import { DeadlineExceeded, withDeadline } from '../../../../src/base/deadline.ts';
import { LinkWatch } from '../../../../src/connection/device/link-facts.ts';
import type { DeviceKeys, RelayNetwork } from '../../../../src/connection/device/ports.ts';
import { RelayDial } from '../../../../src/connection/device/relay-dial.ts';
import { Peer } from '../../../../src/connection/peer.ts';
import { ConnectionRefused, HostAway } from '../../../../src/connection/refusals.ts';
import type { Timers } from '../../../../src/connection/timers.ts';
import type { Transport } from '../../../../src/connection/transport.ts';
import type { HandshakePrimitives } from '../../../../src/crypto/primitives.ts';
import { roleSchema, type Role } from '../../../../src/protocol/devices.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { PROTOCOL_VERSION } from '../../../../src/protocol/version.ts';
import { VERSION } from '../../version.ts';

/** One connection, while it lasts. */
export interface Talk {
  readonly role: Role;
  /** Throws an {@link RpcFailure} where the host says no, and anything else where nothing is known. */
  ask<T>(method: string, params: unknown, result: z.ZodType<T>): Promise<T>;
}

export interface HostTalkNeeds {
  readonly keys: DeviceKeys;
  readonly network: RelayNetwork;
  readonly primitives: HandshakePrimitives;
  readonly timers: Timers;
}

const ANSWER_LIMIT_MS = 10_000;
/** A host that is just started again comes so soon; one that is off does not. */
const COMES_BACK_MS = 8_000;
const AGAIN_MS = 400;

/** From the table of methods, as much as is needed: all of it would be most of this script. */
const helloSchema = z.object({ device: z.object({ role: roleSchema }).optional() });

/**
 * Talks to the host over a channel of its own until `work` is done, again over a new one where the
 * way breaks. Throws what the host said, a {@link ConnectionRefused}, or in words why not in time.
 */
export async function talkToHost<T>(
  needs: HostTalkNeeds,
  limitMs: number,
  work: (talk: Talk) => Promise<T>,
): Promise<T> {
  const { timers } = needs;
  const endMs = timers.nowMs() + limitMs;
  const dial = new RelayDial({ ...needs, watch: new LinkWatch(timers) });
  try {
    for (;;) {
      const leftMs = endMs - timers.nowMs();
      try {
        return await withDeadline(once(dial, work), leftMs, 'Talking to the computer');
      } catch (error) {
        if (error instanceof RpcFailure || error instanceof ConnectionRefused) throw error;
        const why = dial.why() ?? error;
        if (why instanceof ConnectionRefused || timers.nowMs() + AGAIN_MS >= endMs) throw why;
        if (why instanceof HostAway) await back(why, Math.min(COMES_BACK_MS, leftMs));
        else await new Promise<void>((resolve) => void timers.after(AGAIN_MS, resolve));
      }
    }
  } finally {
    dial.close('done');
  }
}

async function back(away: HostAway, limitMs: number): Promise<void> {
  try {
    await withDeadline(away.back, limitMs, 'Waiting for the computer');
  } catch (error) {
    throw error instanceof DeadlineExceeded ? new ConnectionRefused(away.message) : error;
  }
}

async function once<T>(dial: RelayDial, work: (talk: Talk) => Promise<T>): Promise<T> {
  const transport: Transport = await dial.open();
  const peer = new Peer(transport, {
    // Asked whether it is there; any answer says so.
    request: async () => {
      throw new RpcFailure('methodNotFound', 'This is a notification.');
    },
    notification: () => {},
    close: () => {},
  });
  try {
    const asked = { protocol: PROTOCOL_VERSION, surface: 'phone', version: VERSION };
    const { device } = helloSchema.parse(await peer.request('hello', asked, ANSWER_LIMIT_MS));
    return await work({
      role: device?.role ?? 'viewer',
      ask: async (method, params, result) =>
        result.parse(await peer.request(method, params, ANSWER_LIMIT_MS)),
    });
  } finally {
    peer.close('done');
  }
}
