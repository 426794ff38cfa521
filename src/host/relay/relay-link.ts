import { assertNever } from '../../base/assert-never.ts';
import { backoffMs } from '../../base/backoff.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import { isMove, Moves } from '../../connection/moves.ts';
import type { FramePipe } from '../../connection/sealed/frame-pipe.ts';
import type { Timers } from '../../connection/timers.ts';
import {
  CLOSE_REPLACED,
  type Admission,
  type DeviceId,
  type HostControl,
  type RendezvousId,
} from '../../protocol/relay.ts';
import type { MailControl, MailWord } from '../mail/mail-port.ts';
import type { NoteControl, NoteWord, Silences } from '../notes/note-port.ts';
import { KeepAlive } from './keep-alive.ts';
import { readRelayMessage } from './relay-message.ts';
import { authorityOf, type DialRelay, type RelaySocket } from './relay-socket.ts';
import { Slots } from './slots.ts';

const ADMISSION_LIMIT_MS = 10_000;
/** After a sleep what seems open most often is not. */
const PROBE_LIMIT_MS = 2_500;
/** A dial that has just begun is not begun anew. */
const FRESH_DIAL_MS = 1_000;
const RETRY_FIRST_MS = 250;
/** A link that lasted shorter counts as one more failure. */
const STEADY_MS = 10_000;
/** Knocking again at once cannot help. */
const REFUSED_RETRY_MS = 30_000;

export type RelayLinkState =
  | { readonly kind: 'up'; readonly sinceMs: number }
  /** `problem` is null before the first attempt has ended. */
  | { readonly kind: 'down'; readonly sinceMs: number | null; readonly problem: string | null };

export interface RelayLinkNeeds {
  /** http(s) address. */
  readonly relay: string;
  readonly keys: {
    readonly relayKey: string;
    prove(nonce: string, authority: string): string;
  };
  revocations(): { readonly revoked: readonly DeviceId[]; readonly epoch: number };
  /** See `DialClock`. Absent: the relay is one process, and does not ask. */
  readonly dialledMs?: (() => number) | undefined;
  onDevice(device: DeviceId, pipe: FramePipe): void;
  readonly dial: DialRelay;
  readonly timers: Timers;
  /** In [0, 1). */
  random(): number;
  readonly logger: Logger;
  readonly maxRetryMs: number;
}

interface Rendezvous {
  readonly id: RendezvousId;
  readonly untilMs: number;
  onGuest(pipe: FramePipe): void;
}

/** This host at one relay: admitted by proof of its key, back after every loss, until stopped. */
export class RelayLink {
  readonly states = new Emitter<RelayLinkState>();
  readonly noteWords = new Emitter<NoteWord>();
  readonly mail = new Emitter<MailWord>();
  readonly pongs = new Emitter<void>();
  readonly #needs: RelayLinkNeeds;
  readonly #slots: Slots;
  readonly #keepAlive: KeepAlive;
  #state: RelayLinkState = { kind: 'down', sinceMs: null, problem: null };
  #socket: RelaySocket | null = null;
  #rendezvous: Rendezvous | null = null;
  readonly #moves = new Moves();
  #failures = 0;
  /** Why the relay refused, until it closes. */
  #refusal: string | null = null;
  /** For good, as far as the relay knows; one that is busy is not. */
  #isRefused = false;
  #isStopped = true;
  /** The machine sleeps: no dialling until it is awake. */
  #isAsleep = false;
  #silences: Silences | null = null;
  #dialledAtMs = 0;
  #cancel: () => void = () => {};

  constructor(needs: RelayLinkNeeds) {
    this.#needs = needs;
    this.#slots = new Slots({
      send: (cargo, sent) => this.#socket?.send(cargo, sent),
      tell: (control) => this.#tell(control),
      opened: ({ device, rendezvous }, pipe) => this.#onOpened(device, rendezvous, pipe),
    });
    this.#keepAlive = new KeepAlive({
      timers: needs.timers,
      ping: () => this.ping(),
      end: () => {
        this.#refusal = null;
        this.#socket?.end();
      },
    });
  }

  get relay(): string {
    return this.#needs.relay;
  }

  get state(): RelayLinkState {
    return this.#state;
  }

  /** For which silences the relay keeps notes; null: it keeps none, or is not connected. */
  get silences(): Silences | null {
    return this.#state.kind === 'up' ? this.#silences : null;
  }

  say(control: NoteControl | MailControl): void {
    this.#tell(control);
  }

  /**
   * How long ago the relay was last heard on the present connection, which a relay that is quiet is
   * asked for: below 15 s while all is well. null: there is none, or the clock was set meanwhile.
   */
  get heardAgoMs(): number | null {
    const agoMs = this.#needs.timers.nowMs() - this.#keepAlive.heardAtMs;
    return this.#state.kind === 'up' && agoMs >= 0 ? agoMs : null;
  }

  start(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#dial();
  }

  stop(reason: string): void {
    this.#isStopped = true;
    this.#rendezvous = null;
    this.#rest();
    this.#leave(reason);
  }

  /** Tries at once where it waits; asks where it believes to be connected. */
  probe(): void {
    if (this.#isStopped || this.#isAsleep) return;
    if (this.#state.kind === 'up') return this.#keepAlive.ask(PROBE_LIMIT_MS);
    // Dialled before a sleep, it would be waited for in vain.
    const dialledForMs = this.#needs.timers.nowMs() - this.#dialledAtMs;
    if (this.#socket !== null && Math.abs(dialledForMs) < FRESH_DIAL_MS) return;
    this.#leave('dialled anew');
    this.#dial();
  }

  /**
   * Tells the relay that the machine sleeps, and leaves once that has arrived there with all that was
   * sent before, or after `limitMs`: so devices know at once, and nothing half open is found on waking.
   */
  async sleep(since: string, limitMs: number): Promise<void> {
    if (this.#isStopped || this.#isAsleep) return;
    this.#isAsleep = true;
    if (this.#state.kind === 'up') {
      this.#tell({ type: 'sleeping', since });
      await this.whenTaken(limitMs);
    }
    if (this.#isAsleep && !this.#isStopped) this.#park();
  }

  /** Dials at once. */
  wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    if (this.#isStopped) return;
    this.#failures = 0;
    // Where it was called off in the middle, the relay is to hear that too: by a new admission.
    this.#park();
    this.#dial();
  }

  /** The relay has all that was sent, or the time is over. */
  async whenTaken(limitMs: number): Promise<void> {
    await this.#keepAlive.whenTaken(limitMs);
  }

  /** Answered by one of `pongs`. */
  ping(): void {
    this.#tell({ type: 'ping' });
  }

  /** Tells the relay whom to let in no more; told anew at every connect. */
  revoke(): void {
    const { revoked, epoch } = this.#needs.revocations();
    this.#tell({ type: 'revoke', revoked: [...revoked], epoch });
  }

  openRendezvous(
    id: RendezvousId,
    seconds: number,
    onGuest: (pipe: FramePipe) => void,
  ): () => void {
    const rendezvous = { id, untilMs: this.#needs.timers.nowMs() + seconds * 1_000, onGuest };
    this.#rendezvous = rendezvous;
    this.#tellRendezvous();
    return () => {
      if (this.#rendezvous !== rendezvous) return;
      this.#rendezvous = null;
      this.#tell({ type: 'rendezvous', rendezvous: id, open: false, seconds: 1 });
    };
  }

  /** Nothing that was planned happens. */
  #rest(): void {
    this.#cancel();
    this.#keepAlive.stop();
  }

  #park(): void {
    this.#rest();
    this.#leave('the machine sleeps');
    this.#set({ kind: 'down', sinceMs: this.#needs.timers.nowMs(), problem: null });
  }

  /** What was sent still goes out; what still comes is not listened to. */
  #leave(reason: string): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#slots.drop(reason);
    socket?.leave();
  }

  #dial(): void {
    this.#rest();
    this.#refusal = null;
    this.#isRefused = false;
    this.#dialledAtMs = this.#needs.timers.nowMs();
    let isCurrent = true;
    const current = (act: () => void) => {
      if (isCurrent && !this.#isStopped && this.#socket === socket) act();
    };
    const socket = this.#needs.dial(this.#needs.relay, {
      heard: () => this.#keepAlive.heard(),
      text: (text) => current(() => this.#onText(socket, text)),
      cargo: (bytes) => current(() => this.#slots.cargo(bytes)),
      closed: (code, words) =>
        current(() => {
          isCurrent = false;
          this.#onClosed(code, words);
        }),
    });
    this.#socket = socket;
    this.#cancel = this.#needs.timers.after(ADMISSION_LIMIT_MS, () => {
      this.#refusal = 'it does not answer';
      socket.end();
    });
  }

  #onText(socket: RelaySocket, text: string): void {
    const message = readRelayMessage(text);
    // A newer relay may say more than we know.
    if (message === null) return;
    switch (message.type) {
      case 'challenge':
        if (this.#state.kind === 'up') return;
        return socket.send(JSON.stringify(this.#admission(message.nonce)));
      case 'admitted':
        return this.#onAdmitted(message.notes ?? null);
      case 'refused':
        this.#refusal = `it refuses this host: ${message.message}`;
        this.#isRefused = message.code !== 'busy';
        return;
      case 'opened':
        if (this.#state.kind === 'up') this.#slots.open(message);
        return;
      case 'closed':
        return this.#slots.closed(message.slot);
      case 'pong':
        this.#keepAlive.ponged();
        return this.pongs.emit();
      case 'notesFired':
      case 'notesRefused':
        return this.noteWords.emit(message);
      case 'mail':
        return this.mail.emit(message);
      case 'mailLeft':
      case 'mailNotLeft':
      case 'host':
        return;
      default:
        assertNever(message);
    }
  }

  #admission(nonce: string): Admission {
    const { keys, relay, revocations, dialledMs } = this.#needs;
    const authority = authorityOf(relay);
    const { revoked, epoch } = revocations();
    return {
      type: 'host',
      key: keys.relayKey,
      authority,
      signature: keys.prove(nonce, authority),
      revoked: [...revoked],
      epoch,
      ...(dialledMs !== undefined && { dialledMs: dialledMs() }),
    };
  }

  #onAdmitted(silences: Silences | null): void {
    if (this.#state.kind === 'up') return;
    this.#silences = silences;
    this.#cancel();
    this.#set({ kind: 'up', sinceMs: this.#needs.timers.nowMs() });
    this.#keepAlive.listen();
    this.#tellRendezvous();
  }

  #onOpened(device: DeviceId | null, rendezvous: RendezvousId | null, pipe: FramePipe): void {
    if (device !== null) return this.#needs.onDevice(device, pipe);
    const open = this.#rendezvous;
    if (open === null || open.id !== rendezvous) return pipe.close('this offer is over');
    open.onGuest(pipe);
  }

  #onClosed(code: number | null, words: string): void {
    this.#rest();
    this.#socket = null;
    const { timers, random, logger, relay } = this.#needs;
    const nowMs = timers.nowMs();
    const isReplaced = code === CLOSE_REPLACED;
    const problem = isReplaced
      ? 'another host with the same keys has taken its place: was this home copied? Each machine needs a home of its own'
      : (this.#refusal ?? (words === '' ? 'the connection was lost' : words));
    const moveMs = isMove(code) ? this.#moves.delayMs(nowMs, random()) : null;
    const delayMs = moveMs ?? this.#failed(nowMs, isReplaced || this.#isRefused);
    if (moveMs === null)
      logger.warn({ relay, code, problem, delayMs }, 'no connection to the relay');
    else logger.info({ relay, code, problem, delayMs }, 'the relay sends this host elsewhere');
    this.#slots.drop('the relay is gone');
    this.#set({ kind: 'down', sinceMs: nowMs, problem });
    // An older relay does not know that word and closes: it is dialled on waking.
    if (this.#isAsleep) this.#keepAlive.ponged();
    else if (!this.#isStopped) this.#cancel = timers.after(delayMs, () => this.#dial());
  }

  /** How long to wait after one more failure. */
  #failed(nowMs: number, isInVain: boolean): number {
    const { random, maxRetryMs } = this.#needs;
    const wasSteady = this.#state.kind === 'up' && nowMs - this.#state.sinceMs >= STEADY_MS;
    this.#failures = wasSteady ? 1 : this.#failures + 1;
    const delayMs = backoffMs(
      this.#failures,
      { firstMs: RETRY_FIRST_MS, maxMs: maxRetryMs },
      random(),
    );
    if (!isInVain) return delayMs;
    // A relay that was set up wrongly has refused all its hosts at one moment.
    const inVainMs = Math.min(REFUSED_RETRY_MS, 4 * maxRetryMs) * (0.75 + random() / 2);
    return Math.max(delayMs, Math.round(inVainMs));
  }

  #tellRendezvous(): void {
    if (this.#rendezvous === null) return;
    const { id, untilMs } = this.#rendezvous;
    const seconds = Math.ceil((untilMs - this.#needs.timers.nowMs()) / 1_000);
    if (seconds > 0) this.#tell({ type: 'rendezvous', rendezvous: id, open: true, seconds });
  }

  #tell(control: HostControl): void {
    if (this.#state.kind === 'up') this.#socket?.send(JSON.stringify(control));
  }

  #set(state: RelayLinkState): void {
    this.#state = state;
    this.states.emit(state);
  }
}
