import type { ChannelId, DeviceId, HostControl, Note, RelayMessage } from '../../protocol/relay.ts';
import type { Silences } from './host-notes.ts';
import type { NoteCounts } from './note-counts.ts';

/** Who is revoked on a host's word: all that were paired in an earlier epoch, and these. */
export interface Revoked {
  readonly epoch: number;
  readonly devices: Iterable<DeviceId>;
  holdsFor(device: DeviceId, epoch: number): boolean;
}

/** Where hosts leave their notes: in this process, or with the node of a cluster that keeps them. */
export interface NoteDesk {
  /** Of a host that is about to be admitted here. */
  of(channel: ChannelId): HostNoteDesk;
}

/** The notes of one relay, or of one node of it. */
export interface RelayNotes extends NoteDesk {
  readonly counts: NoteCounts;
  /** Of several nodes: whether this is the one that keeps them all. */
  readonly isKeeper?: boolean;
  /** Of several nodes: words of hosts here that the one that keeps them has not kept yet. */
  readonly waiting?: number;
  /** Of what is kept here. */
  figures(): { readonly notes: number; readonly bytes: number };
  /** This process is about to end: another one may keep the notes from now on. */
  retire?(): Promise<void>;
  /** After `went` of all hosts; over within three seconds. */
  close(): Promise<void>;
}

/** The notes of a host, as its channel knows them. Nothing here waits. */
export interface HostNoteDesk {
  readonly silences: Silences;
  /** It was admitted. Its silence is over; what it left stays until it says otherwise. */
  came(tell: (message: RelayMessage) => void, revoked: Revoked): void;
  /** Its line is gone. */
  went(): void;
  /** It said that it is about to sleep. */
  slept(): void;
  leave(notes: readonly Note[], epoch: number, revoked: Revoked): void;
  /** Absent: all. */
  drop(devices?: readonly DeviceId[]): void;
  heard(fired: Extract<HostControl, { type: 'notesHeard' }>['fired']): void;
  revoke(revoked: Revoked): void;
}
