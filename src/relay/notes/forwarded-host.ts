import type { ChannelId, DeviceId, Note, RelayMessage } from '../../protocol/relay.ts';
import type { Silences } from './host-notes.ts';
import type { Heard, Word } from './note-words.ts';
import type { HostNoteDesk, Revoked } from './note-desk.ts';

/** Where the words of a node's hosts go. */
export interface Courier {
  /** It is here, until `went` of the same object. */
  came(host: ForwardedHost): void;
  went(host: ForwardedHost): void;
  say(channel: ChannelId, word: Word): void;
}

/** A host that is connected here, for the notes that the keeping node has of it. */
export class ForwardedHost implements HostNoteDesk {
  readonly silences: Silences;
  readonly channel: ChannelId;
  readonly #courier: Courier;
  #tell: ((message: RelayMessage) => void) | null = null;
  #revoked: Revoked | null = null;
  #isAsleep = false;

  constructor(channel: ChannelId, silences: Silences, courier: Courier) {
    this.channel = channel;
    this.silences = silences;
    this.#courier = courier;
  }

  came(tell: (message: RelayMessage) => void, revoked: Revoked): void {
    this.#tell = tell;
    this.#revoked = revoked;
    this.#courier.came(this);
    for (const word of this.standing()) this.#say(word);
  }

  went(): void {
    this.#tell = null;
    this.#courier.went(this);
    this.#say({ say: 'went' });
  }

  slept(): void {
    this.#isAsleep = true;
    this.#say({ say: 'slept' });
  }

  leave(notes: readonly Note[], epoch: number, revoked: Revoked): void {
    this.#revoked = revoked;
    this.#say({ say: 'leave', epoch, notes: [...notes] });
  }

  drop(devices?: readonly DeviceId[]): void {
    this.#say({ say: 'drop', devices: devices === undefined ? null : [...devices] });
  }

  heard(fired: Heard): void {
    this.#say({ say: 'heard', fired });
  }

  revoke(revoked: Revoked): void {
    this.#revoked = revoked;
    this.#say({ say: 'revoke', epoch: revoked.epoch, revoked: [...revoked.devices] });
  }

  /** For a keeper that knows nothing of it. */
  standing(): readonly Word[] {
    const revoked = [...(this.#revoked?.devices ?? [])];
    const came: Word = { say: 'came', epoch: this.#revoked?.epoch ?? 0, revoked };
    return this.#isAsleep ? [came, { say: 'slept' }] : [came];
  }

  /** From the keeper. */
  tell(message: RelayMessage): void {
    this.#tell?.(message);
  }

  #say(word: Word): void {
    this.#courier.say(this.channel, word);
  }
}
