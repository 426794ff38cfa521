import type { Logger } from '../../base/log.ts';
import { systemTimers, type Timers } from '../../connection/timers.ts';
import type {
  Attention as AttentionNow,
  NotifyPolicy,
  NotifyState,
} from '../../protocol/attention.ts';
import type { Handlers } from '../api/handlers.ts';
import type { SurfaceConnection, SurfaceNotice } from '../api/surface-connection.ts';
import type { Audit } from '../audit/trail.ts';
import type { Clock } from '../clock/clock.ts';
import type { ConfigFile } from '../config/config.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import type { Problems } from '../problems.ts';
import type { Commands } from '../sessions/commands.ts';
import { Activity, placeOf, type ActiveSurface } from './activity.ts';
import { AskBook, type AskBookNeeds } from './ask-book.ts';
import { Attention } from './attention.ts';
import { AttentionFeed, type FeedSurface } from './attention-feed.ts';
import { noDelivery, type Delivery } from './no-delivery.ts';
import { notifyPolicyOf, writeNotifyPolicy } from './notify-policy.ts';

export interface AttentionParts {
  readonly home: { readonly config: string };
  readonly log: EventLog;
  readonly store: Store;
  readonly commands: Pick<Commands, 'once'>;
  readonly config: Pick<ConfigFile, 'current' | 'refresh' | 'changed'>;
  readonly problems: Problems;
  readonly pulses: AskBookNeeds['pulses'];
  readonly audit: Audit;
  readonly clock: Pick<Clock, 'steadyMs' | 'wallMs' | 'now'>;
  readonly logger: Logger;
  readonly delivery?: Delivery;
  readonly timers?: Timers;
}

export interface ComposedAttention {
  readonly methods: Pick<Handlers, 'attention.list' | 'attention.seen' | 'notify.setPolicy'>;
  follow(surface: FeedSurface): { attention: AttentionNow };
  /** What a surface says unasked. */
  heard(surface: SurfaceConnection, notice: SurfaceNotice): void;
  /** Its connection has ended. */
  gone(surface: ActiveSurface): void;
  policy(): NotifyPolicy;
  notifyState(): NotifyState;
  now(): AttentionNow;
  /** Once the states are as an earlier host left them, and the delivery is ready. */
  start(): void;
  /** After a sleep. */
  look(): void;
  close(): void;
}

/** What asks for a person, and where the person is told. */
export function composeAttention(parts: AttentionParts): ComposedAttention {
  const { home, log, store, commands, config, problems, pulses, audit, clock, logger } = parts;
  const { delivery = noDelivery(), timers = systemTimers } = parts;
  const policy = () => notifyPolicyOf(config.current());
  const asks = new AskBook({ log, problems, pulses, timers, clock });
  const activity = new Activity(() => clock.steadyMs());
  const attention = new Attention({
    ...{ asks, activity, store, timers, clock, logger, policy },
    courier: delivery.courier,
    commit: (work) => log.commit(work),
  });
  const now = () => attention.now();
  const feed = new AttentionFeed({ changed: attention.changed, now, timers });
  const undo: (() => void)[] = [];
  const notifyState = (): NotifyState => ({
    policy: policy(),
    places: delivery.places(),
    note: delivery.note(),
    quietUntil: now().quietUntil,
  });
  return {
    ...{ policy, notifyState, now },
    methods: {
      'attention.list': now,
      'attention.seen': ({ ids = [], sessionId }, surface) => {
        attention.seen(ids, sessionId ?? null, { place: placeOf(surface), role: surface.role });
        return {};
      },
      'notify.setPolicy': ({ commandId, policy: change }, { surface }) => {
        const result = commands.once(commandId, (tx) => {
          audit.append(tx, {
            ...{ kind: 'notifyChanged', who: audit.who(surface) },
            what: { policy: change },
          });
          // Last: what is written into a file is not undone with a transaction.
          writeNotifyPolicy(home.config, change);
          config.refresh();
          return { notify: notifyState() };
        });
        attention.look();
        return result;
      },
    },
    follow: (surface) => ({ attention: feed.follow(surface) }),
    heard: (surface, { name, params }) => {
      if (name === 'surface.active') activity.heard(surface, params.active);
    },
    gone: (surface) => activity.gone(surface),
    start: () => {
      asks.start();
      attention.start();
      undo.push(config.changed.on(() => attention.look()));
    },
    look: () => attention.look(),
    close: () => {
      for (const end of undo) end();
      feed.close();
      attention.close();
      asks.close();
    },
  };
}
