import type { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { laneOf } from '../../connection/command-lane.ts';
import type { MailCommand } from '../../connection/sealed/mail.ts';
import type { Timers } from '../../connection/timers.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { CommandId } from '../../protocol/ids.ts';
import { MAX_MAIL_UNTAKEN, type DeviceId } from '../../protocol/relay.ts';
import type { BookChange } from '../devices/device-book.ts';
import type { DeviceRecord } from '../devices/device-record.ts';
import { takesCommand } from '../devices/for-devices.ts';
import type { MailDoor } from './mail-door.ts';
import type { MailWays, MailWord } from './mail-port.ts';
import { readMail, type MailReaderNeeds } from './mail-reader.ts';

/** Four relays at most, each as much as it may hand over; more is a relay that does not keep to it. */
const MAX_HELD = 4 * MAX_MAIL_UNTAKEN;
/** Beyond the limit of any command of its own: a session may start an agent, or land its work. */
const RUN_LIMIT_MS = 310_000;
/** It is not known what became of it, or cannot be written down: tried again, then left for another day. */
const AGAIN_MS = 60_000;
const TRIES = 5;

export interface MailTakerNeeds extends MailReaderNeeds {
  readonly ways: MailWays;
  readonly book: { readonly changed: Pick<Emitter<BookChange>, 'on'> };
  readonly door: Pick<MailDoor, 'run' | 'cut' | 'close'>;
  readonly claims: {
    /** The same command gets the same refusal from now on. Durable when it returns; throws when it cannot be. */
    refused(device: DeviceId, commandId: CommandId, failure: RpcFailure): void;
  };
  readonly timers: Timers;
  readonly logger: Logger;
}

interface Held {
  readonly mail: MailWord;
  /** The relay that handed it over last. */
  target: string;
  tries: number;
}

/**
 * Does what devices left for this host at a relay while it was away: each command once, in its order,
 * with the rights that its device has now. A relay is told that a mail is taken when what came of it
 * is on this machine's disk, so that a host which dies before that is handed it again; the device
 * itself keeps the command until it hears the answer from the host.
 */
export class MailTaker {
  readonly #needs: MailTakerNeeds;
  readonly #held = new Map<string, Held>();
  /** The end of each line of commands that go one after the other. */
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #undo: (() => void)[];
  readonly #waits = new Set<() => void>();
  /** Mail is opened in the order in which it came. */
  #opening: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(needs: MailTakerNeeds) {
    this.#needs = needs;
    this.#undo = [
      needs.ways.mail.on(({ target, mail }) => this.#take(target, mail)),
      needs.book.changed.on((change) => {
        if (change.kind === 'revoked') for (const { id } of change.devices) needs.door.cut(id);
        if (change.kind === 'roleSet') needs.door.cut(change.device.id);
      }),
    ];
  }

  close(): void {
    this.#isClosed = true;
    for (const undo of this.#undo) undo();
    for (const end of [...this.#waits]) end();
    this.#needs.door.close();
  }

  #take(target: string, mail: MailWord): void {
    const name = nameOf(mail);
    const known = this.#held.get(name);
    if (known !== undefined) {
      known.target = target;
      return;
    }
    if (this.#held.size >= MAX_HELD) return;
    const held: Held = { mail, target, tries: 0 };
    this.#held.set(name, held);
    this.#opening = this.#opening.then(async () => await this.#open(held));
  }

  async #open(held: Held): Promise<void> {
    if (this.#isClosed) return;
    try {
      const read = await readMail(held.mail, this.#needs);
      if (read.kind === 'unread') return this.#drop(held, read.why);
      if (read.kind === 'early') return void this.#again(held);
      const { device, command } = read;
      if (!takesCommand(command.method)) return this.#drop(held, 'not for mail');
      this.#queue(`${device.id} ${laneOf(command)}`, held, command);
    } catch (error) {
      this.#needs.logger.error({ err: error }, 'a mail could not be looked at');
      this.#forget(held);
    }
  }

  /** Behind what was left before it about the same thing. */
  #queue(lane: string, held: Held, command: MailCommand): void {
    const before = this.#lanes.get(lane) ?? Promise.resolve();
    const done = before.then(async () => await this.#do(held, command));
    this.#lanes.set(lane, done);
    void done.then(() => {
      if (this.#lanes.get(lane) === done) this.#lanes.delete(lane);
    });
  }

  /** Never rejects. What follows waits until this is over. */
  async #do(held: Held, command: MailCommand): Promise<void> {
    for (;;) {
      if (this.#isClosed) return;
      // As it stands now: it may have been revoked while this waited.
      const device = this.#needs.find(held.mail.device);
      if (device === null) return this.#drop(held, 'unknown device');
      if (await this.#isOver(device, command)) return this.#taken(held);
      held.tries += 1;
      if (held.tries >= TRIES) break;
      await this.#pause();
    }
    this.#needs.logger.warn({ method: command.method }, 'a mail is left for another day');
    this.#forget(held);
  }

  /** Whether it is done or refused, and that is on the disk. */
  async #isOver(
    device: DeviceRecord,
    { commandId, method, params }: MailCommand,
  ): Promise<boolean> {
    const { door, claims, logger } = this.#needs;
    const what = { device: device.id, method };
    try {
      await door.run(device, method, params, RUN_LIMIT_MS);
      logger.info(what, 'a command that was left at a relay is done');
      return true;
    } catch (error) {
      // What failed inside the host says nothing of a refusal: its disk may be full for a moment.
      if (!(error instanceof RpcFailure) || error.is('internal')) {
        logger.warn({ ...what, err: error }, 'it is not known what became of a mail');
        return false;
      }
      logger.info({ ...what, code: error.code }, 'a command that was left at a relay is refused');
      return this.#isNoted(() => claims.refused(device.id, commandId, error));
    }
  }

  #isNoted(note: () => void): boolean {
    try {
      note();
      return true;
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'what came of a mail cannot be written down yet');
      return false;
    }
  }

  /** Looked at anew, as if it came now. */
  async #again(held: Held): Promise<void> {
    held.tries += 1;
    // The device has the command still, and says it again itself.
    if (held.tries >= TRIES) return this.#drop(held, 'from tomorrow');
    await this.#pause();
    await this.#open(held);
  }

  async #pause(): Promise<void> {
    if (this.#isClosed) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancel();
        this.#waits.delete(end);
        resolve();
      };
      const cancel = this.#needs.timers.after(AGAIN_MS, end);
      this.#waits.add(end);
    });
  }

  #drop(held: Held, why: string): void {
    this.#needs.logger.warn({ why }, 'a mail is not done');
    this.#taken(held);
  }

  #taken(held: Held): void {
    const { target, mail } = held;
    const { device, id } = mail;
    this.#forget(held);
    if (!this.#isClosed)
      this.#needs.ways.say(target, { type: 'mailTaken', mail: [{ device, id }] });
  }

  /** The relay hands it over again, on another day. */
  #forget({ mail }: Held): void {
    this.#held.delete(nameOf(mail));
  }
}

const nameOf = ({ device, id }: Pick<MailWord, 'device' | 'id'>): string => `${device} ${id}`;
