import type { ChannelId, HostControl, RelayMessage } from '../protocol/relay.ts';
import type { HostMail } from './mail/host-mail.ts';
import type { MailDesk } from './mail/mail-desk.ts';
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
  readonly mail: MailDesk | null;
}

/** What is kept for the host that is connected here. */
export class HostDesks {
  readonly #notes: HostNoteDesk | null;
  readonly #revocations: Revocations;
  readonly #channel: ChannelId;
  readonly #mailDesk: MailDesk | null;
  #mail: Pick<HostMail, 'taken' | 'close'> | null = null;

  constructor(channel: ChannelId, desks: Desks, revocations: Revocations) {
    this.#channel = channel;
    this.#notes = desks.notes?.of(channel) ?? null;
    this.#mailDesk = desks.mail;
    this.#revocations = revocations;
  }

  /** What its `admitted` says of it. */
  get offers(): Pick<Extract<RelayMessage, { type: 'admitted' }>, 'notes' | 'mail'> {
    return {
      ...(this.#notes !== null && { notes: this.#notes.silences }),
      ...(this.#mailDesk !== null && { mail: this.#mailDesk.offer }),
    };
  }

  came(tell: (message: RelayMessage) => void): void {
    this.#notes?.came(tell, this.#revocations);
    this.#mail =
      this.#mailDesk?.came(this.#channel, tell, (device, epoch) =>
        this.#revocations.holdsFor(device, epoch),
      ) ?? null;
  }

  went(): void {
    this.#notes?.went();
    this.#mail?.close();
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
        return this.#mail?.taken(control.mail);
    }
  }
}
