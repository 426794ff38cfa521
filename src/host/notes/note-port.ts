import type { Emitter } from '../../base/emitter.ts';
import type { PushPayload, PushSubscriptionJson } from '../../protocol/push.ts';
import type { DeviceId, HostControl, RelayMessage } from '../../protocol/relay.ts';
import type { RelayLinkState } from '../relay/relay-link.ts';

/** Of all pushes about this host's silence: the next takes the place of the last. */
export const SILENCE_TAG = 'silence';

/** For which silences a relay keeps notes. */
export type Silences = NonNullable<Extract<RelayMessage, { type: 'admitted' }>['notes']>;
export type NotesFired = Extract<RelayMessage, { type: 'notesFired' }>;
/** What a relay says of notes. */
export type NoteWord = NotesFired | Extract<RelayMessage, { type: 'notesRefused' }>;
/** What a relay is told of them. */
export type NoteControl = Extract<HostControl, { type: 'notes' | 'dropNotes' | 'notesHeard' }>;

/** A connection to a relay, as notes use it. */
export interface NoteLink {
  readonly relay: string;
  readonly state: RelayLinkState;
  /** null: it keeps none, or there is no connection. */
  readonly silences: Silences | null;
  /** Nothing happens where there is no connection. */
  say(control: NoteControl): void;
  /** The relay has all that was said, or so much time is over. */
  whenTaken(limitMs: number): Promise<void>;
}

/** The relays of this host; `own` is the one that runs beside it. */
export interface NoteWays {
  links(): ReadonlyMap<string, NoteLink>;
  /** Any link came up or went down. */
  readonly changed: Pick<Emitter<void>, 'on'>;
  readonly noteWords: Pick<Emitter<{ readonly target: string; readonly word: NoteWord }>, 'on'>;
}

/** A device that wants to hear of this host's silence. */
export interface NoteDevice {
  readonly id: DeviceId;
  /** The relay that it is paired over. */
  readonly relay: string;
  readonly subscription: PushSubscriptionJson;
}

/** Seals for devices, and signs as this host. */
export interface NoteSealer {
  seal(
    to: PushSubscriptionJson,
    payload: PushPayload,
    manner: { readonly ttlSec: number; readonly urgency: 'high'; readonly topic: string },
  ): {
    readonly url: string;
    readonly headers: { readonly Authorization: string };
    readonly body: Buffer;
  };
  topicOf(text: string): string;
}
