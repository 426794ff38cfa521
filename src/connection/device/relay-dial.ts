import type { HandshakePrimitives } from '../../crypto/primitives.ts';
import { prologueOf } from '../../crypto/prologue.ts';
import { CLOSE_REPLACED, type ChannelId } from '../../protocol/relay.ts';
import { isMove } from '../moves.ts';
import { ConnectionRefused, HostAway, Moved } from '../refusals.ts';
import { initiate } from '../sealed/open.ts';
import type { SealedTransport } from '../sealed/sealed-transport.ts';
import type { Timers } from '../timers.ts';
import type { Transport } from '../transport.ts';
import { LinePipe } from './line-pipe.ts';
import type { LinkWatch } from './link-facts.ts';
import { channelOf, deviceAdmission } from './names.ts';
import type { DeviceKeys, RelayNetwork } from './ports.ts';
import { RelayLine, type Refusal } from './relay-line.ts';
import type { RelayMailbox } from './relay-mailbox.ts';
import { openWay, WayChoice } from './way.ts';

/** What is asked and not answered so long is gone, if nothing else was heard either. */
export const ANSWER_LIMIT_MS = 5_000;
const AWAY = 'The computer is not connected to the relay: it is off, asleep or offline.';

export interface RelayDialNeeds {
  readonly keys: DeviceKeys;
  readonly network: RelayNetwork;
  readonly primitives: HandshakePrimitives;
  readonly timers: Timers;
  readonly watch: LinkWatch;
  /** Absent: nothing is left for a host that is away. */
  readonly mailbox?: Pick<RelayMailbox, 'admitted' | 'host' | 'answered' | 'closed'>;
}

/** What waits for the host to come. */
interface Waiting {
  readonly away: HostAway;
  come(): void;
  lost(error: Error): void;
}

/**
 * A device's way to its host: one line to the relay, kept while the host is away, and a sealed
 * channel on it whenever the host is there. `open` and `why` are made for ReconnectingHost.
 *
 * The first sealed message goes out right behind the proof, without waiting to be admitted: through
 * a relay far away that saves a round trip. Where the host is not there, it is lost, and was for nothing.
 */
export class RelayDial {
  readonly #needs: RelayDialNeeds;
  readonly #channel: ChannelId;
  readonly #ways: WayChoice;
  #line: RelayLine | null = null;
  #proved: Promise<RelayLine> | null = null;
  /** null: the relay has not said yet. */
  #hostIsHere: boolean | null = null;
  #pipe: LinePipe | null = null;
  #sealed: SealedTransport | null = null;
  #waiting: Waiting | null = null;
  #refused: ConnectionRefused | null = null;
  /** Sent away by the relay, and not dialled since. */
  #moved: Moved | null = null;
  /** Of the last line. */
  #ended = new Error('The relay closed the connection.');
  #heardRelayAtMs = 0;
  #pingedAtMs: number | null = null;
  #cancelPing: () => void = () => {};

  constructor(needs: RelayDialNeeds) {
    this.#needs = needs;
    this.#channel = channelOf(needs.primitives, needs.keys.grant.hostKey);
    this.#ways = new WayChoice(needs.network.fetch !== undefined);
  }

  /** Throws {@link HostAway}, {@link ConnectionRefused}, or in words what is in the way. */
  async open(): Promise<Transport> {
    this.#refused = null;
    this.#moved = null;
    const known = this.why();
    if (known !== null) throw known;
    // One channel a line: the host knows a new one by its new slot.
    if (this.#pipe !== null) this.close('opened anew');
    const { keys } = this.#needs;
    const [line, counter, psk] = await Promise.all([
      (this.#proved ??= this.#dial()),
      keys.nextCounter(),
      keys.rootPsk(),
    ]);
    const changed = this.why();
    if (changed !== null) throw changed;
    if (line !== this.#line) throw this.#ended;
    return this.#seal(line, counter, psk);
  }

  /** More about why a channel ended than its own words: the host is away, or the relay refuses us, or sent us on. */
  why(): Error | null {
    if (this.#refused !== null) return this.#refused;
    if (this.#moved !== null) return this.#moved;
    if (this.#line === null || this.#hostIsHere !== false) return null;
    return (this.#waiting ??= waiting()).away;
  }

  /** Asks the relay, and the host itself, whether they are there; ends the line of one that is silent. */
  check(): void {
    const { timers } = this.#needs;
    const line = this.#line;
    if (line === null || this.#hostIsHere === null) return;
    if (this.#pingedAtMs === null) {
      const sentAtMs = timers.nowMs();
      this.#pingedAtMs = sentAtMs;
      line.ping();
      this.#cancelPing = timers.after(ANSWER_LIMIT_MS, () => {
        this.#pingedAtMs = null;
        if (this.#heardRelayAtMs < sentAtMs) line.close('The relay does not answer.');
      });
    }
    if (this.#sealed !== null) this.#checkHost(line, this.#sealed);
  }

  close(reason: string): void {
    this.#line?.close(reason);
  }

  #checkHost(line: RelayLine, sealed: SealedTransport): void {
    const { timers, watch } = this.#needs;
    const sentAtMs = timers.nowMs();
    const cancel = timers.after(ANSWER_LIMIT_MS, () => {
      if (sealed === this.#sealed && (sealed.lastHeardAtMs ?? 0) < sentAtMs)
        line.close('The computer does not answer.');
    });
    sealed.ping().then(
      (tookMs) => {
        cancel();
        watch.checked(tookMs);
      },
      // Not open yet, or closed: it has its own deadline, or none is needed.
      () => cancel(),
    );
  }

  #dial(): Promise<RelayLine> {
    const { keys, network, timers, watch, mailbox } = this.#needs;
    const way = this.#ways.next(timers.nowMs());
    return new Promise<RelayLine>((resolve, reject) => {
      let hasProved = false;
      const heard = (): void => void (this.#heardRelayAtMs = timers.nowMs());
      const line: RelayLine = new RelayLine({
        timers,
        open: (on) => openWay(way, network, keys.relay, on),
        admission: (nonce) => deviceAdmission(keys, this.#channel, nonce),
        on: {
          proved: () => {
            hasProved = true;
            this.#ways.worked(way, timers.nowMs());
            resolve(line);
          },
          admitted: (isHere, asleepSince, mailMaxAgeSec) => {
            heard();
            watch.relayUp(isHere, asleepSince);
            mailbox?.admitted(line, isHere, mailMaxAgeSec);
            this.#onHost(isHere);
          },
          host: (isHere, asleepSince) => {
            heard();
            watch.host(isHere, asleepSince);
            mailbox?.host(isHere);
            this.#onHost(isHere);
          },
          cargo: (bytes) => {
            heard();
            this.#pipe?.frame(bytes);
          },
          mail: (answer) => {
            heard();
            mailbox?.answered(answer);
          },
          pong: () => {
            heard();
            if (this.#pingedAtMs !== null) watch.relayAnswered(timers.nowMs() - this.#pingedAtMs);
            this.#pingedAtMs = null;
            this.#cancelPing();
          },
          closed: (code, reason, refused) => {
            if (hasProved) this.#ways.ended(way, timers.nowMs());
            else this.#ways.failed(way, timers.nowMs());
            const error = this.#errorOf(code, reason, refused);
            reject(error);
            this.#onClosed(error);
          },
        },
      });
      this.#line = line;
      this.#hostIsHere = null;
    });
  }

  #seal(line: RelayLine, counter: number, psk: Uint8Array): Transport {
    const { keys, primitives, watch, timers } = this.#needs;
    const pipe = new LinePipe(line, (reason) => {
      if (pipe !== this.#pipe) return;
      this.#pipe = null;
      this.#sealed = null;
      line.close(reason);
    });
    const sealed = initiate({
      ...{ pipe, counter, psk, primitives, ports: { timers } },
      own: keys.sealing,
      remote: keys.hostKey,
      prologue: prologueOf('session', this.#channel, keys.grant.device),
    });
    this.#pipe = pipe;
    this.#sealed = sealed;
    let isFirst = true;
    return {
      get bufferedBytes() {
        return sealed.bufferedBytes;
      },
      start: (on) =>
        sealed.start({
          message: (text) => {
            // Only a host that is awake opens a channel.
            if (isFirst) watch.woke();
            isFirst = false;
            watch.heard();
            on.message(text);
          },
          close: on.close,
        }),
      send: (text) => sealed.send(text),
      close: (reason) => sealed.close(reason),
    };
  }

  /** Admitted, or the host came or went. What was said to a host before is void for the next. */
  #onHost(isHere: boolean): void {
    const isFirst = this.#hostIsHere === null;
    this.#hostIsHere = isHere;
    if (!isHere || !isFirst) this.#endPipe(isHere ? 'the host connected anew' : AWAY);
    if (!isHere || this.#waiting === null) return;
    const { come } = this.#waiting;
    this.#waiting = null;
    come();
  }

  #endPipe(reason: string): void {
    const pipe = this.#pipe;
    this.#pipe = null;
    this.#sealed = null;
    pipe?.end(reason);
  }

  #onClosed(error: Error): void {
    this.#line = null;
    this.#proved = null;
    this.#hostIsHere = null;
    this.#pingedAtMs = null;
    this.#cancelPing();
    this.#needs.watch.relayDown();
    this.#needs.mailbox?.closed();
    this.#ended = error;
    if (error instanceof ConnectionRefused) this.#refused = error;
    if (error instanceof Moved) this.#moved = error;
    const { lost } = this.#waiting ?? {};
    this.#waiting = null;
    this.#endPipe(error.message);
    lost?.(error);
  }

  #errorOf(code: number, reason: string, refused: Refusal | null): Error {
    switch (refused?.code) {
      case 'revoked':
        return new ConnectionRefused(
          'The pairing of this device was ended on the computer. To use it again, pair it anew.',
        );
      case 'badProof':
        return new ConnectionRefused(
          `The relay does not accept this device: ${refused.message} If the relay was moved or set up anew, pair this device again.`,
        );
      // A changed byte on the way looks the same as another version: it is tried again, later.
      case 'badMessage':
        return new Error(
          `The relay did not understand this device: ${refused.message} If it stays so, update this app, or the relay.`,
        );
      case 'busy':
        return new Error(`The relay is busy: ${refused.message}`);
      default:
        if (isMove(code)) return new Moved(reason || 'The relay sends its devices elsewhere.');
        return new Error(
          reason !== ''
            ? reason
            : code === CLOSE_REPLACED
              ? 'Another connection took this one’s place.'
              : `The relay at ${new URL(this.#needs.keys.relay).host} cannot be reached.`,
        );
    }
  }
}

function waiting(): Waiting {
  let come: () => void = () => {};
  let lost: (error: Error) => void = () => {};
  const back = new Promise<void>((resolve, reject) => {
    come = resolve;
    lost = reject;
  });
  return { away: new HostAway(AWAY, back), come, lost };
}
