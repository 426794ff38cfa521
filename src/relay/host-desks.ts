import type { ChannelId, HostControl, RelayMessage } from '../protocol/relay.ts';
import type { HostNoteDesk, NoteDesk } from './notes/note-desk.ts';
import type { Revocations } from './revocations.ts';

/** What a host says to what is kept for it. */
export type DeskControl = Extract<
  HostControl,
  { type: 'notes' | 'dropNotes' | 'notesHeard' | 'mailTaken' }
>;

/** Where hosts leave and find things; null: this relay keeps none of that. */
export interface Desks {
  readonly notes: NoteDesk | null;
}

/** What is kept for the host that is connected here. */
export class HostDesks {
  readonly #notes: HostNoteDesk | null;
  readonly #revocations: Revocations;

  constructor(channel: ChannelId, desks: Desks, revocations: Revocations) {
    this.#notes = desks.notes?.of(channel) ?? null;
    this.#revocations = revocations;
  }

  /** What its `admitted` says of it. */
  get offers(): Pick<Extract<RelayMessage, { type: 'admitted' }>, 'notes'> {
    return this.#notes === null ? {} : { notes: this.#notes.silences };
  }

  came(tell: (message: RelayMessage) => void): void {
    this.#notes?.came(tell, this.#revocations);
  }

  went(): void {
    this.#notes?.went();
  }

  slept(): void {
    this.#notes?.slept();
  }

  revoked(): void {
    this.#notes?.revoke(this.#revocations);
  }

  /** Passed over where this relay keeps none, and has not said that it does. */
  obey(control: DeskControl): void {
    switch (control.type) {
      case 'notes':
        return this.#notes?.leave(control.notes, this.#revocations.epoch, this.#revocations);
      case 'dropNotes':
        return this.#notes?.drop(control.devices);
      case 'notesHeard':
        return this.#notes?.heard(control.fired);
      case 'mailTaken':
        return;
    }
  }
}
