import type { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { systemTimers, type Timers } from '../../connection/timers.ts';
import type { AttentionItem, NotifyPolicy, SilenceNote } from '../../protocol/attention.ts';
import type { PushSubscriptionJson } from '../../protocol/push.ts';
import type { DeviceId } from '../../protocol/relay.ts';
import type { Courier } from '../attention/notice.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import { Needs } from '../power/needs.ts';
import type { NoteSealer, NoteWays } from './note-port.ts';
import { NoteWriter } from './note-writer.ts';
import { Rounds, ROUNDS_META } from './rounds.ts';
import { SilenceOver } from './silence-over.ts';

const TO_DECIDE: ReadonlySet<string> = new Set(['decision', 'question']);

export interface NotesParts {
  readonly log: Pick<EventLog, 'changed' | 'forgotten' | 'states' | 'commit'>;
  readonly store: Pick<Store, 'meta'>;
  readonly config: { readonly changed: Pick<Emitter<unknown>, 'on'> };
  readonly logger: Logger;
  readonly remote: {
    readonly noteWays: NoteWays;
    readonly book: { find(id: DeviceId): { readonly relay: string } | null };
  };
  readonly push: {
    readonly courier: Pick<Courier, 'show' | 'outlets' | 'outletsChanged'>;
    readonly targets: {
      all(): readonly { readonly device: DeviceId; readonly subscription: PushSubscriptionJson }[];
      readonly changed: Pick<Emitter<DeviceId>, 'on'>;
      sealer(): Promise<NoteSealer>;
      hostId(): Promise<string>;
    };
  };
  policy(): Pick<NotifyPolicy, 'silenceMinutes'>;
  /** What asks for a person now. */
  asking(): readonly Pick<AttentionItem, 'kind' | 'seenAt'>[];
  hostName(): string;
  readonly timers?: Timers;
}

export interface Notes {
  state(): SilenceNote;
  /** Follows sessions, devices and relays from now on. */
  start(): void;
  /** Takes all notes back: this host ends on purpose. */
  stop(): Promise<void>;
  close(): void;
}

/** The dead-man's note: what relays say for this host once it says nothing any more. */
export function composeNotes(parts: NotesParts): Notes {
  const { log, store, config, logger, remote, push, policy, asking, hostName } = parts;
  const { timers = systemTimers } = parts;
  const { noteWays: ways, book } = remote;
  const { targets, courier } = push;
  const needs = new Needs();
  const nowMs = () => timers.nowMs();
  // What was seen and only stands there waits for nobody.
  const badge = () =>
    asking().filter(({ kind, seenAt }) => seenAt === null || TO_DECIDE.has(kind)).length;
  const silenceMinutes = () => policy().silenceMinutes;
  const rounds = new Rounds({
    read: () => store.meta(ROUNDS_META),
    write: (text) => log.commit((tx) => tx.putMeta(ROUNDS_META, text)),
    nowMs,
  });
  /** Places that want to hear of the machine. */
  const wantMachine = (): ReadonlySet<string> =>
    new Set(
      courier
        .outlets()
        .filter(({ kinds }) => kinds === null || kinds.has('machine'))
        .map(({ place }) => place),
    );
  const writer = new NoteWriter({
    ...{ ways, silenceMinutes, badge, hostName, rounds, timers, logger },
    devices: () => {
      const wanting = wantMachine();
      return targets.all().flatMap(({ device: id, subscription }) => {
        const relay = book.find(id)?.relay;
        const isWanted = wanting.has(`device:${id}`);
        return relay === undefined || !isWanted ? [] : [{ id, relay, subscription }];
      });
    },
    keys: async () => {
      const [sealer, hostId] = await Promise.all([targets.sealer(), targets.hostId()]);
      return { sealer, hostId };
    },
    working: () => [...needs.all()].length,
  });
  const over = new SilenceOver({
    ...{ courier, rounds, silenceMinutes, badge, hostName, nowMs },
    clockTime: (atMs) => new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(atMs),
  });
  const look = () => writer.look();
  let undo: (() => void)[] = [];
  const close = (): void => {
    for (const end of undo) end();
    undo = [];
    writer.close();
  };
  return {
    state: () => writer.state(),
    start: () => {
      for (const state of log.states().values()) needs.take(state);
      undo = [
        log.changed.on(({ state }) => {
          if (needs.take(state)) look();
        }),
        log.forgotten.on((id) => {
          if (needs.forget(id)) look();
        }),
        ways.changed.on(look),
        targets.changed.on(look),
        courier.outletsChanged.on(look),
        config.changed.on(look),
        ways.noteWords.on(({ target, word }) => {
          const link = ways.links().get(target);
          if (word.type === 'notesRefused') writer.refused(target, word.devices, word.message);
          else if (link !== undefined) over.fired(word, link);
        }),
      ];
      look();
    },
    stop: async () => {
      close();
      await writer.stop();
    },
    close,
  };
}
