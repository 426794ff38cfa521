import { join } from 'node:path';
import type { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { systemTimers, type Timers } from '../../connection/timers.ts';
import type { guardedPost } from '../../outbound/guarded-post.ts';
import type { NotifyPlace, NotifyState } from '../../protocol/attention.ts';
import type { PushState, PushSubscriptionJson } from '../../protocol/push.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { SurfaceNotice } from '../api/surface-connection.ts';
import type { Audit, AuditTx } from '../audit/trail.ts';
import { channelsOf } from '../channels/channels-file.ts';
import { Desktop, type DesktopSurface } from '../channels/desktop.ts';
import { notifyMethods, type NotifyMethods } from '../channels/notify-methods.ts';
import { NtfyCarrier } from '../channels/ntfy.ts';
import { WebhookCarrier } from '../channels/webhook.ts';
import type { ConfigFile } from '../config/config.ts';
import type { Carrier } from '../courier/carrier.ts';
import { PlaceCourier } from '../courier/courier.ts';
import type { DeviceBook } from '../devices/device-book.ts';
import type { Problems } from '../problems.ts';
import type { Commands } from '../sessions/commands.ts';
import { deviceOf, placeOf, PushCarrier } from './push-carrier.ts';
import { PushKeys, type PushSealer } from './push-keys.ts';
import { pushMethods, type PushMethods } from './push-methods.ts';
import { SubscriptionBook } from './subscription-book.ts';

export interface PushParts {
  readonly home: { readonly root: string; readonly config: string };
  readonly config: ConfigFile;
  readonly log: { commit(work: (tx: AuditTx) => void): void };
  readonly commands: Pick<Commands, 'once'>;
  readonly audit: Audit;
  readonly problems: Problems;
  readonly logger: Logger;
  readonly remote: {
    readonly book: DeviceBook;
    primitives(): Promise<unknown>;
    readonly ground: { hostId(): string };
    devicesChanged(): void;
  };
  readonly clock: { steadyMs(): number };
  now(): Date;
  /** What is shown of all of it, once that is composed. */
  state(): NotifyState;
  readonly timers?: Timers;
  readonly post?: typeof guardedPost;
}

/** A device that may be pushed to. */
export interface PushTarget {
  readonly device: DeviceId;
  readonly subscription: PushSubscriptionJson;
}

export interface Push {
  readonly courier: PlaceCourier;
  readonly methods: PushMethods & NotifyMethods;
  places(): NotifyPlace[];
  /** null: the device did not ask to be told. */
  stateOf(device: DeviceId): PushState | null;
  /** For what is sealed beforehand. */
  readonly targets: {
    all(): readonly PushTarget[];
    readonly changed: Pick<Emitter<DeviceId>, 'on'>;
    /** Throws in words. */
    sealer(): Promise<PushSealer>;
    /** Which host, as a paired device knows it. */
    hostId(): Promise<string>;
  };
  heard(surface: DesktopSurface, notice: SurfaceNotice): void;
  start(): void;
  /** After a sleep. */
  look(): void;
  close(): void;
}

/** All ways in which a person is told outside of the surfaces in use. */
export function composePush(parts: PushParts): Push {
  const { home, config, log, commands, audit, problems, logger, remote, now } = parts;
  const { timers = systemTimers } = parts;
  const keys = new PushKeys(join(home.root, 'push-key.json'));
  const subscriptions = new SubscriptionBook({ path: join(home.root, 'push.json'), now });
  const desktop = new Desktop(timers);
  const channels = () => channelsOf(config.current());
  const allowHosts = () => channels().allowHosts;
  const sealer = async () => await keys.load();
  const hostId = async () => {
    await remote.primitives();
    return remote.ground.hostId();
  };
  const wire = { sealer, hostId, allowHosts, ...(parts.post && { post: parts.post }) };
  const channelWire = { allowHosts, now, page: () => pageOf(config) };
  const pushed = (): PushCarrier[] =>
    remote.book.all().flatMap((device) => {
      const live = subscriptions.live(device.id);
      return live === null ? [] : [new PushCarrier(device, live, wire)];
    });
  const courier = new PlaceCourier({
    ...{ timers, logger, random: () => Math.random() },
    steadyMs: () => parts.clock.steadyMs(),
    carriers: () => {
      const { ntfy, webhook } = channels();
      const others: (Carrier | null)[] = [
        desktop.carrier(),
        ntfy === null ? null : new NtfyCarrier(ntfy, channelWire),
        webhook === null ? null : new WebhookCarrier(webhook, channelWire),
      ];
      return [...pushed(), ...others.filter((carrier) => carrier !== null)];
    },
  });
  /** What cannot be written down holds for as long as this host runs. */
  const safely = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      logger.error({ err: error }, 'a push subscription could not be written down');
    }
  };
  courier.tried.on(({ place, carried, atMs }) => {
    const device = deviceOf(place);
    if (device === null) return;
    safely(() => {
      if (carried.kind === 'handed') subscriptions.handed(device, atMs);
      else if (carried.kind === 'gone') subscriptions.ended(device, carried.problem);
      else subscriptions.failed(device, carried.problem);
    });
    if (carried.kind === 'gone') courier.placesChanged();
  });
  subscriptions.changed.on(() => remote.devicesChanged());
  desktop.changed.on(() => courier.placesChanged());
  const prune = (): void => {
    const paired = new Set(remote.book.all().map(({ id }) => id));
    const left = subscriptions.all().filter(({ device }) => !paired.has(device));
    safely(() => subscriptions.remove(left.map(({ device }) => device)));
  };
  const unfollow = [
    remote.book.changed.on(({ kind }) => {
      if (kind === 'revoked') prune();
      if (kind !== 'seen') courier.placesChanged();
    }),
    config.changed.on(() => courier.placesChanged()),
  ];
  const places = (): NotifyPlace[] => {
    const devices = remote.book.all().flatMap(({ id, name }): NotifyPlace[] => {
      const push = subscriptions.stateOf(id);
      if (push === null) return [];
      const { state, lastAt, problem } = push;
      return [
        { ...{ place: placeOf(id), kind: 'push', name, device: id }, state, lastAt, problem },
      ];
    });
    const others = [...courier.others()];
    const desktopOff: NotifyPlace = {
      ...{ place: 'desktop', kind: 'desktop', name: 'This computer', state: 'off' },
      ...{ lastAt: null, problem: 'The tray app is not running.' },
    };
    if (desktop.carrier() === null) others.unshift(desktopOff);
    return [...devices, ...others];
  };
  return {
    ...{ courier, places },
    stateOf: (device) => subscriptions.stateOf(device),
    targets: {
      all: () =>
        remote.book.all().flatMap(({ id }) => {
          const live = subscriptions.live(id);
          return live === null ? [] : [{ device: id, subscription: live.subscription }];
        }),
      changed: subscriptions.changed,
      ...{ sealer, hostId },
    },
    methods: {
      ...pushMethods({
        ...{ subscriptions, devices: remote.book, sealer, allowHosts },
        note: (by, what) =>
          log.commit((tx) => audit.append(tx, { kind: 'notifyChanged', who: audit.who(by), what })),
        changed: (device) => {
          courier.placesChanged();
          courier.kick(placeOf(device));
        },
      }),
      ...notifyMethods({
        ...{ configPath: home.config, config, commands, audit, courier, now },
        state: () => parts.state(),
        follow: (_, surface) => {
          desktop.follow(surface);
          return {};
        },
      }),
    },
    heard: (surface, notice) => desktop.heard(surface, notice),
    start: () => {
      // Where nobody is let in, nobody is known to be gone either.
      if (remote.book.trouble !== null) return;
      prune();
      problems.set('push', subscriptions.trouble);
      if (subscriptions.all().length === 0) return;
      sealer().then(
        ({ publicKey }) => safely(() => subscriptions.keepOnly(publicKey)),
        (error: unknown) => problems.set('push', `No device can be pushed to: ${messageOf(error)}`),
      );
    },
    look: () => courier.lookAnew(),
    close: () => {
      for (const end of unfollow) end();
      courier.close();
    },
  };
}

/** The phone's page, as another machine can open it; null: there is no such address. */
function pageOf(config: ConfigFile): string | null {
  const { page, publicUrl, url } = config.current().relay ?? {};
  const address = page ?? publicUrl ?? url;
  return address?.startsWith('https://') === true ? new URL(address).origin : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
