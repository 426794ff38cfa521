import type { ChannelId, DeviceId, HostControl, Note, RelayMessage } from '../../protocol/relay.ts';
import type { Silences } from './host-notes.ts';

/** Who is revoked, of the devices that were paired in this epoch. */
export type Revoked = (device: DeviceId, epoch: number) => boolean;

/** Where hosts leave their notes: in this process, or with the node of a cluster that keeps them. */
export interface NoteDesk {
  /** Of a host that is about to be admitted here. */
  of(channel: ChannelId): HostNoteDesk;
}

/** The notes of a host, as its channel knows them. Nothing here waits. */
export interface HostNoteDesk {
  readonly silences: Silences;
  /** It was admitted. Its silence is over; what it left stays until it says otherwise. */
  came(tell: (message: RelayMessage) => void, isRevoked: Revoked): void;
  /** Its line is gone. */
  went(): void;
  /** It said that it is about to sleep. */
  slept(): void;
  leave(notes: readonly Note[], epoch: number, isRevoked: Revoked): void;
  /** Absent: all. */
  drop(devices?: readonly DeviceId[]): void;
  heard(fired: Extract<HostControl, { type: 'notesHeard' }>['fired']): void;
  revoke(isRevoked: Revoked): void;
}
