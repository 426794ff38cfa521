import type { NotifyState } from '../../protocol/attention.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Handlers } from '../api/handlers.ts';
import type { Notice } from '../attention/notice.ts';
import type { Audit } from '../audit/trail.ts';
import type { ConfigFile } from '../config/config.ts';
import type { PlaceCourier } from '../courier/courier.ts';
import { placeOf } from '../push/push-carrier.ts';
import type { Commands } from '../sessions/commands.ts';
import { channelsOf, writeChannels } from './channels-file.ts';

export type NotifyMethods = Pick<
  Handlers,
  'notify.state' | 'notify.setChannels' | 'notify.test' | 'desktop.follow'
>;
type Surface = Parameters<NotifyMethods['notify.state']>[1];

export interface NotifyMethodsNeeds {
  readonly configPath: string;
  readonly config: Pick<ConfigFile, 'current' | 'refresh'>;
  readonly commands: Pick<Commands, 'once'>;
  readonly audit: Audit;
  readonly courier: Pick<PlaceCourier, 'test' | 'placesChanged' | 'kick'>;
  readonly follow: Handlers['desktop.follow'];
  state(): NotifyState;
  now(): Date;
}

/** Where a person is told: to be seen, changed and tried. */
export function notifyMethods(needs: NotifyMethodsNeeds): NotifyMethods {
  const { configPath, config, commands, audit, courier, follow } = needs;
  const testing = new Set<string>();
  const whole = (): NotifyState => {
    const { allowHosts } = channelsOf(config.current());
    return { ...needs.state(), allowHosts };
  };
  return {
    'desktop.follow': follow,
    'notify.state': (_, surface) => ({
      notify: surface.device === null ? whole() : forDevice(needs.state(), surface.device),
    }),
    'notify.setChannels': ({ commandId, channels }, { surface }) =>
      commands.once(commandId, (tx) => {
        const { ntfy, webhook, allowHosts } = channels;
        audit.append(tx, {
          ...{ kind: 'notifyChanged', who: audit.who(surface) },
          what: {
            channels: {
              ...(ntfy !== undefined && { ntfy: hostOf(ntfy) }),
              ...(webhook !== undefined && { webhook: hostOf(webhook) }),
              ...(allowHosts !== undefined && { allowHosts }),
            },
          },
        });
        // Last: what is written into a file is not undone with a transaction.
        writeChannels(configPath, channelsOf(config.current()), channels);
        config.refresh();
        courier.placesChanged();
        for (const place of ['ntfy', 'webhook']) courier.kick(place);
        return { notify: whole() };
      }),
    'notify.test': async ({ place }, surface) => {
      if (surface.device !== null && place !== placeOf(surface.device.id))
        throw new RpcFailure('notAllowed', 'A device can try only its own notifications.');
      if (testing.has(place))
        throw new RpcFailure('refused', 'A test of this place is under way already.');
      testing.add(place);
      const startedMs = performance.now();
      try {
        const carried = await courier.test(place, testNotice(place, needs.now()));
        if (carried === null) {
          const known = needs.state().places.find((each) => each.place === place);
          if (known === undefined)
            throw new RpcFailure(
              'notFound',
              `Nobody is told at ${place}: see "porchlight notify".`,
            );
          const problem = known.problem ?? 'Nothing is told there now.';
          return { ok: false, status: null, tookMs: 0, problem };
        }
        return {
          ok: carried.kind === 'handed',
          status: carried.status,
          tookMs: Math.round(performance.now() - startedMs),
          problem: carried.kind === 'handed' ? null : carried.problem.slice(0, 400),
        };
      } finally {
        testing.delete(place);
      }
    },
  };
}

/** A device sees its own place, and not who else there is. */
function forDevice(state: NotifyState, device: NonNullable<Surface['device']>): NotifyState {
  const own = placeOf(device.id);
  const places = state.places.filter(({ place, kind }) => kind !== 'push' || place === own);
  return { ...state, places };
}

function testNotice(place: string, now: Date): Notice {
  const words = 'This is a test: notifications from this computer arrive here.';
  return {
    id: `test:${place}`,
    // Counts up, over restarts too.
    round: Math.floor(now.getTime() / 1_000),
    kind: 'finished',
    title: 'Porchlight',
    ...{ body: words, bare: words, at: now.toISOString(), loud: true },
  };
}

function hostOf(channel: { readonly url: string } | null): string | null {
  return channel === null ? null : new URL(channel.url).host;
}
