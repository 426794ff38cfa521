import type { ChannelId, DeviceId, HostControl, Note, RelayMessage } from '../../protocol/relay.ts';
import type { Silences } from './host-notes.ts';

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
