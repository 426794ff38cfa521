import { composeAttention, type AttentionParts } from './attention/compose-attention.ts';
import { composeNotes, type NotesParts } from './notes/compose-notes.ts';
import { composePush, type PushParts } from './push/compose-push.ts';
import { composeReach, type ReachParts } from './reach/compose-reach.ts';
import type { SurfaceConnection, SurfaceNotice } from './api/surface-connection.ts';

export type TellingParts = Omit<AttentionParts, 'pulses' | 'delivery'> &
  Omit<NotesParts, 'push' | 'policy' | 'asking'> &
  Omit<PushParts, 'state'> &
  Omit<ReachParts, 'note'>;

/** How a person hears of what needs one: what asks, where that is told, what a relay says when this host cannot, and what is reached at all. */
export function composeTelling(parts: TellingParts) {
  const push = composePush({ ...parts, state: () => attention.notifyState() });
  const notes = composeNotes({
    ...{ ...parts, push },
    policy: () => attention.policy(),
    asking: () => attention.now().items,
  });
  const reach = composeReach({ ...parts, note: notes.state });
  const delivery = { ...push, note: notes.state };
  const attention = composeAttention({ ...parts, pulses: reach.pulses, delivery });
  return {
    methods: { ...reach.methods, ...attention.methods, ...push.methods },
    service: () => reach.service(),
    stateOf: push.stateOf,
    /** For one that follows the desk. */
    follow: (surface: SurfaceConnection) => ({
      pulses: [...reach.pulses.current()],
      ...attention.follow(surface),
    }),
    heard: (from: SurfaceConnection, notice: SurfaceNotice): void => {
      for (const each of [push, attention]) each.heard(from, notice);
    },
    gone: (surface: SurfaceConnection): void => attention.gone(surface),
    start: (): void => {
      for (const each of [push, attention, notes, reach.pulses]) each.start();
    },
    /** After a sleep. */
    look: (): void => {
      for (const each of [attention, push]) each.look();
    },
    /** This host ends on purpose: nobody is to be told that it is silent. */
    stop: async (): Promise<void> => await notes.stop(),
    close: (): void => {
      for (const each of [notes, attention, push, reach.pulses]) each.close();
    },
  };
}
