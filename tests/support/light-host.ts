import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64url } from '../../src/base/base64url.ts';
import { Emitter } from '../../src/base/emitter.ts';
import { silentLogger, type Logger } from '../../src/base/log.ts';
import type { DeviceKeys } from '../../src/connection/device/ports.ts';
import { systemTimers } from '../../src/connection/timers.ts';
import { DeviceBook } from '../../src/host/devices/device-book.ts';
import { HostKeys } from '../../src/host/devices/host-keys.ts';
import { MailDoor } from '../../src/host/mail/mail-door.ts';
import type { MailWord } from '../../src/host/mail/mail-port.ts';
import { MailTaker } from '../../src/host/mail/mail-taker.ts';
import { dialRelay } from '../../src/host/relay/relay-socket.ts';
import { DialClock } from '../../src/host/relay/dial-clock.ts';
import { RelayLink } from '../../src/host/relay/relay-link.ts';
import { SealedDoor, type SealedDoorNeeds } from '../../src/host/relay/sealed-door.ts';
import type { CommandId, Epoch, SessionId } from '../../src/protocol/ids.ts';
import type { Result } from '../../src/protocol/methods.ts';
import type { DeviceId } from '../../src/protocol/relay.ts';
import { sessionEventSchema, type SessionEvent } from '../../src/protocol/session/events.ts';
import { FakeHost } from '../fakes/fake-host.ts';
import { DeviceIdentity, primitives } from './device-identity.ts';

/** As the host's own for a relay that is not its own. */
const MAX_RETRY_MS = 30_000;

export interface LightHostOptions {
  /** What it dials, and what its devices do. */
  readonly relay: `http://${string}`;
  /** Its keys and its devices are here; made if it is not there. */
  readonly folder: string;
}

/**
 * A host without agents and keeper, so that many fit on one machine: the real link to the relay, the
 * real door for devices, real sealing, and one session, whose events it numbers and pages like a
 * host. Each command is done once, by its id.
 */
export class LightHost {
  readonly sessionId: SessionId;
  readonly book: DeviceBook;
  readonly keys: HostKeys;
  /** When each event was appended, by its number. */
  readonly appendedAtMs: number[] = [];
  /** Commands that came again after they were done. */
  repeats = 0;
  /** How long it has chosen to wait in all, before it dialled again. */
  waitedMs = 0;
  readonly #fake = new FakeHost();
  readonly #dialClock: DialClock;
  readonly #relay: `http://${string}`;
  readonly #answers = new Map<CommandId, Result<'session.send'>>();
  readonly #door: SealedDoor;
  readonly #mail = new Emitter<{ readonly target: string; readonly mail: MailWord }>();
  /** null: it is switched off. */
  #link: RelayLink | null = null;

  constructor({ relay, folder }: LightHostOptions) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#relay = relay;
    this.#dialClock = new DialClock({
      path: join(folder, 'dialled.json'),
      nowMs: Date.now,
      logger: silentLogger,
    });
    this.keys = HostKeys.open(join(folder, 'keys.json'));
    this.book = new DeviceBook({ path: join(folder, 'devices.json'), now: () => new Date() });
    this.sessionId = this.#fake.addSession();
    this.#fake.handlers['session.send'] = ({ commandId }) => this.#send(commandId);
    const own = primitives.keyPairOf(this.keys.sealingSecret);
    const keys = () => ({ own, channel: this.keys.channel, primitives });
    const { book } = this;
    this.#door = new SealedDoor({ book, keys, accept: this.#accept, logger: silentLogger });
    // It lives as long as this host.
    void new MailTaker({
      ...{ book, keys, timers: systemTimers, logger: silentLogger },
      ways: { mail: this.#mail, say: (_relay, control) => this.#link?.say(control) },
      door: new MailDoor({ accept: this.#accept, version: '0' }),
      find: (id) => book.find(id),
      nowMs: () => Date.now(),
      claims: { refused: () => {} },
    });
  }

  /** Dials its relay, and again after every loss, until it is switched off. */
  switchOn(): void {
    this.#link = new RelayLink({
      relay: this.#relay,
      keys: this.keys,
      revocations: () => ({ revoked: this.book.revoked, epoch: this.book.epoch }),
      dialledMs: () => this.#dialClock.next(),
      onDevice: (device, pipe) => this.#door.admit(device, pipe),
      dial: dialRelay,
      timers: systemTimers,
      random: Math.random,
      logger: this.#logger(),
      maxRetryMs: MAX_RETRY_MS,
    });
    this.#link.mail.on((mail) => this.#mail.emit({ target: this.#relay, mail }));
    this.#link.start();
  }

  switchOff(): void {
    this.#link?.stop('switched off');
    this.#link = null;
  }

  get isOn(): boolean {
    return this.#link !== null;
  }

  get isUp(): boolean {
    return this.#link?.state.kind === 'up';
  }

  get epoch(): Epoch {
    return this.#fake.epoch;
  }

  get events(): readonly SessionEvent[] {
    return this.#fake.session(this.sessionId).events;
  }

  /** As they stand on the wire. */
  stored(): SessionEvent[] {
    return this.events.map((event) => sessionEventSchema.parse(event));
  }

  get lastSeq(): number {
    return this.events.length;
  }

  /** How it is with its relay, for people. */
  get words(): string {
    const state = this.#link?.state;
    if (state === undefined) return 'its host is switched off';
    return state.kind === 'up' ? 'its host is up' : `its host is down: ${state.problem}`;
  }

  /** Writes a device into its book, as pairing would have. */
  enrol(name: string): DeviceKeys {
    const identity = new DeviceIdentity();
    const rootPsk = primitives.randomBytes(32);
    const { id, signingKey, epoch } = this.book.add({
      ...{ name, role: 'operator', via: 'relay', relay: this.#relay },
      publicKey: toBase64url(identity.sealing().publicKey),
      signingKey: toBase64url(identity.signingKey),
      rootPsk: toBase64url(rootPsk),
    });
    const grant = this.keys.grant(id, signingKey, epoch);
    const hostKey = primitives.keyPairOf(this.keys.sealingSecret).publicKey;
    return identity.keysOf({ relay: this.#relay, grant, hostKey, rootPsk });
  }

  /** For good: its connections end, and its relay is told. */
  revoke(device: DeviceId): void {
    this.book.revoke(device);
    this.#link?.revoke();
  }

  /** The agent says something. */
  say(text: string): void {
    this.#append({ type: 'agent.text', text });
  }

  /** How often a command took effect. */
  effects(): Map<string, number> {
    const effects = new Map<string, number>();
    for (const event of this.events)
      if (event.type === 'user.text') effects.set(event.text, (effects.get(event.text) ?? 0) + 1);
    return effects;
  }

  #send(commandId: CommandId): Result<'session.send'> {
    const known = this.#answers.get(commandId);
    if (known !== undefined) {
      this.repeats += 1;
      return known;
    }
    const answer = { commandId, position: 0 };
    this.#answers.set(commandId, answer);
    this.#append({ type: 'user.text', text: commandId });
    return answer;
  }

  #append(body: Parameters<FakeHost['append']>[1]): void {
    // It remembers each call for tests of surfaces.
    this.#fake.calls.length = 0;
    this.appendedAtMs[this.lastSeq + 1] = performance.now();
    this.#fake.append(this.sessionId, body);
  }

  readonly #accept: SealedDoorNeeds['accept'] = (transport, remote) =>
    this.#fake.serve({
      get bufferedBytes() {
        return transport.bufferedBytes;
      },
      start: (on) =>
        transport.start({
          message: (text) => on.message(text),
          close: (reason) => {
            on.close(reason);
            remote.closed();
          },
        }),
      send: (text) => transport.send(text),
      close: (reason) => {
        transport.close(reason);
        remote.closed();
      },
    });

  /** The delay that the link has chosen is told to its log only. */
  #logger(): Logger {
    const note = ({ delayMs }: Record<string, unknown>): void => {
      if (typeof delayMs === 'number') this.waitedMs += delayMs;
    };
    return { ...silentLogger, info: note, warn: note };
  }
}
