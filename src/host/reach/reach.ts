import type { Device, RelayStatus } from '../../protocol/devices.ts';
import type { SilenceNote } from '../../protocol/attention.ts';
import type { Reach, ServiceStatus } from '../../protocol/reach.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { Pulses } from './pulses.ts';

const LEG_LIMIT_MS = 6_000;

/** One connection that can be asked whether its other end is there. */
export interface AskableSurface {
  readonly device: { readonly id: DeviceId } | null;
  ping(limitMs: number): Promise<number | null>;
}

export interface ReachNeeds {
  readonly pulses: Pick<Pulses, 'probe'>;
  states(): Iterable<SessionState>;
  surfaces(): Iterable<AskableSurface>;
  devices(): readonly Device[];
  relay(): RelayStatus;
  roundTripMs(limitMs: number): Promise<number | null>;
  heardAgoMs(): number | null;
  service(): ServiceStatus;
  note(): SilenceNote;
  now(): Date;
}

/** Asks relay, devices and agents at once. What has not answered within 6 s is said to be so. */
export async function probeReach(needs: ReachNeeds): Promise<Reach> {
  const surfaces = [...needs.surfaces()];
  const devices = needs.devices();
  const states = [...needs.states()].filter(({ archived }) => !archived);
  const [relayMs, deviceMs, agents] = await Promise.all([
    needs.roundTripMs(LEG_LIMIT_MS),
    Promise.all(devices.map(async ({ id }) => await quickest(surfaces, id))),
    needs.pulses.probe(LEG_LIMIT_MS),
  ]);
  const { url, own, connected, problem } = needs.relay();
  const heardAgoMs = needs.heardAgoMs();
  return {
    at: needs.now().toISOString(),
    relay: {
      ...{ url, own },
      ok: connected && relayMs !== null,
      ms: rounded(relayMs),
      heardAgoSec: heardAgoMs === null ? null : Math.round(heardAgoMs / 1_000),
      problem: problem ?? (connected && relayMs === null ? NO_ANSWER : null),
    },
    devices: devices.map(({ id, name, role, online, lastSeenAt, push }, index) => ({
      ...{ id, name, role, online, lastSeenAt },
      ms: rounded(deviceMs[index] ?? null),
      push: push?.state ?? 'off',
    })),
    sessions: states.flatMap(({ id, agent, title, state }) => {
      const probed = agents.get(id);
      if (probed === undefined) return [];
      const { sessionId: _, ...pulse } = probed.pulse;
      return [{ id, agent, title, state, pulse, ms: rounded(probed.ms) }];
    }),
    service: needs.service(),
    note: needs.note(),
  };
}

const NO_ANSWER = `The relay did not answer within ${LEG_LIMIT_MS / 1_000} s.`;

/** Of all pages of a device, the first to answer. */
async function quickest(surfaces: readonly AskableSurface[], id: DeviceId): Promise<number | null> {
  const asked = surfaces.filter(({ device }) => device?.id === id);
  const answers = asked.map(async (surface) => {
    const ms = await surface.ping(LEG_LIMIT_MS);
    if (ms === null) throw new Error('no answer');
    return ms;
  });
  return await Promise.any(answers).catch(() => null);
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}
