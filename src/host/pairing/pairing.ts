import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Device, Role } from '../../protocol/devices.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import { offerUrl, relayAddress } from '../../protocol/offer.ts';
import { OFFER_SECONDS, type PairState } from '../../protocol/pairing.ts';
import type { NewDevice, OfferWay, PairingGround } from '../relay/remote.ts';
import type { SealGuest } from './guest.ts';
import { Offers, type LiveOffer, type OffersNeeds } from './offers.ts';
import { PairingDoor, type Candidate } from './pairing-door.ts';
import { endings, type Ending } from './pairing-words.ts';

/** A connection that breaks and is back sooner costs the person nothing. */
export const TROUBLE_GRACE_MS = 15_000;

export interface PairingNeeds extends OffersNeeds {
  readonly ground: PairingGround;
  readonly seal: SealGuest;
  /** The clock that people know; only shown. */
  readonly wallMs: () => number;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
}

export interface OfferWish {
  readonly role: Role;
  readonly relay: string | undefined;
  readonly lan: boolean;
}

/** One attempt, from the wish until it is paired or ended. */
interface Attempt extends OfferWish {
  /** Ends with it. */
  readonly owner: object;
  way: OfferWay | null;
  offer: LiveOffer | null;
  door: PairingDoor | null;
  candidate: Candidate | null;
  /** By the steady clock. */
  endsAtMs: number;
  /** Undone when it ends, whatever ends it. */
  readonly undo: Set<() => void>;
  stopClock: () => void;
}

/** Pairing as a surface of this machine sees it: one attempt at a time, in memory only. */
export class Pairing {
  readonly changed = new Emitter<PairState>();
  readonly #needs: PairingNeeds;
  readonly #offers: Offers;
  #attempt: Attempt | null = null;
  #state: PairState = { phase: 'idle' };

  constructor(needs: PairingNeeds) {
    this.#needs = needs;
    this.#offers = new Offers(needs);
  }

  get state(): PairState {
    return this.#state;
  }

  /** Ends the one before. Throws {@link RpcFailure} `refused` with the reason. */
  async offer(wish: OfferWish, owner: object): Promise<PairState> {
    const { ground } = this.#needs;
    this.#offers.checkPause();
    if (ground.isFull()) throw new RpcFailure('refused', endings.full.here.message);
    this.#end(endings.replaced);
    const attempt: Attempt = {
      ...wish,
      ...{ owner, way: null, offer: null, door: null, candidate: null, endsAtMs: Infinity },
      ...{ undo: new Set(), stopClock: () => {} },
    };
    this.#attempt = attempt;
    try {
      const relay = wish.relay === undefined ? undefined : relayAddress(wish.relay);
      const way = await ground.openWay({ relay, lan: wish.lan });
      if (this.#attempt !== attempt) {
        way.close();
        throw new RpcFailure('refused', 'The code was taken back, or another one was asked for.');
      }
      attempt.undo.add(() => way.close());
      this.#show(attempt, way);
    } catch (error) {
      if (this.#attempt === attempt) this.#forget(attempt);
      throw refusal(error);
    }
    return this.#state;
  }

  /** The digits that the phone shows are these; anything else ends the attempt. */
  confirm(digits: string, role: Role | undefined, person?: string): Device {
    const attempt = this.#attempt;
    if (attempt === null || attempt.candidate === null || attempt.way === null)
      throw new RpcFailure(
        'refused',
        'No device waits to be paired. Make a code and scan it first.',
      );
    const { candidate, way } = attempt;
    if (this.#needs.steadyMs() >= attempt.endsAtMs) throw this.#failed(endings.unconfirmed);
    if (digits !== candidate.digits) throw this.#failed(endings.wrongDigits);
    return this.#pair(attempt, candidate, way, { role: role ?? attempt.role, person });
  }

  /** Throws `refused` when nobody waits. */
  refuse(): void {
    if ((this.#attempt?.candidate ?? null) === null)
      throw new RpcFailure('refused', 'No device waits to be paired, so there is none to refuse.');
    this.#end(endings.refused);
  }

  /** Nothing where there is nothing to take back. */
  cancel(): void {
    this.#end(endings.takenBack);
  }

  /** A surface went away: what it asked for goes with it. */
  ownerLeft(owner: object): void {
    if (this.#attempt?.owner === owner) this.#end(endings.ownerLeft);
  }

  close(): void {
    this.#end(endings.hostLeaves);
  }

  #show(attempt: Attempt, way: OfferWay): void {
    const { ground, seal, timers, steadyMs, logger } = this.#needs;
    const own = ground.sealingKey();
    const offer = this.#offers.make();
    const welcome = JSON.stringify({ hostName: ground.hostName(), version: ground.version });
    const door = new PairingDoor({
      ...{ offer, own, seal, timers, steadyMs, logger },
      welcome: new TextEncoder().encode(welcome),
      candidate: (candidate) => this.#onCandidate(attempt, candidate),
      ended: (ending) => {
        if (this.#attempt === attempt) this.#end(ending);
      },
    });
    Object.assign(attempt, { way, offer, door, endsAtMs: offer.endsAtMs });
    const { rendezvous, secret } = offer;
    attempt.undo.add(
      way.openRendezvous(rendezvous, OFFER_SECONDS, (pipe) => void door.admit(pipe)),
    );
    this.#watch(attempt, way);
    this.#startClock(attempt);
    const expiresAt = this.#expiresAt(attempt);
    const url = offerUrl(way.page, {
      ...{ relay: way.relay, rendezvous, hostKey: own.publicKey, secret },
      expiresAt: Math.floor(Date.parse(expiresAt) / 1_000),
    });
    const { role } = attempt;
    const { page, relay, lan } = way;
    this.#tell({ phase: 'offered', url, expiresAt, role, page, relay, lan });
  }

  #onCandidate(attempt: Attempt, candidate: Candidate): void {
    attempt.candidate = candidate;
    // The code is used: from here on a photo of it is worth nothing.
    this.#offers.void();
    attempt.endsAtMs = this.#needs.steadyMs() + OFFER_SECONDS * 1_000;
    this.#startClock(attempt);
    const { name, digits } = candidate;
    const { role } = attempt;
    const expiresAt = this.#expiresAt(attempt);
    this.#tell({ phase: 'candidate', name, digits, role, expiresAt });
  }

  #pair(
    attempt: Attempt,
    candidate: Candidate,
    way: OfferWay,
    { role, person }: Pick<NewDevice, 'role' | 'person'>,
  ): Device {
    const { ground, logger } = this.#needs;
    if (ground.isFull()) throw this.#failed(endings.full);
    const rootPsk = candidate.rootPsk();
    const { name, deviceKey: publicKey, signingKey } = candidate;
    try {
      const { device, grant } = ground.addDevice({
        ...{ name, role, person, publicKey, signingKey, rootPsk, way },
      });
      const { id } = device;
      candidate.tell({
        ...{ type: 'paired', hostId: ground.hostId(), hostName: ground.hostName() },
        ...{ relay: way.relay, grant, device: { id, name: device.name, role: device.role } },
      });
      this.#offers.succeeded();
      this.#forget(attempt);
      this.#tell({ phase: 'paired', device });
      return device;
    } catch (error) {
      logger.error({ err: error }, 'a confirmed device was not stored');
      throw this.#failed(endings.notStored(error instanceof Error ? error.message : String(error)));
    } finally {
      rootPsk.fill(0);
    }
  }

  /** A relay that is lost for long takes the code with it: the phone could not come. */
  #watch(attempt: Attempt, way: OfferWay): void {
    let undoGrace = (): void => {};
    const undo = way.onTrouble((words) => {
      undoGrace();
      if (words === null) return;
      undoGrace = this.#needs.timers.after(TROUBLE_GRACE_MS, () => {
        if (this.#attempt === attempt) this.#end(endings.relayLost(words));
      });
    });
    attempt.undo.add(() => {
      undo();
      undoGrace();
    });
  }

  /** Looks again when a timer was early by the steady clock. */
  #startClock(attempt: Attempt): void {
    const { steadyMs, timers } = this.#needs;
    attempt.stopClock();
    const leftMs = attempt.endsAtMs - steadyMs();
    attempt.stopClock = timers.after(Math.max(0, leftMs), () => {
      if (this.#attempt !== attempt) return;
      if (steadyMs() < attempt.endsAtMs) this.#startClock(attempt);
      else this.#end(attempt.candidate === null ? endings.unused : endings.unconfirmed);
    });
  }

  /** Ends the attempt and makes the answer for whoever asked. */
  #failed(ending: Ending): RpcFailure {
    this.#end(ending);
    return new RpcFailure('refused', ending.here.message);
  }

  #end(ending: Ending): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    if (ending.counts) this.#offers.failed();
    attempt.door?.shut(ending.there);
    this.#forget(attempt);
    // One that never came to show a code is told to whoever asked for it, and to nobody else.
    if (attempt.offer !== null) this.#tell(ending.here);
  }

  #forget(attempt: Attempt): void {
    this.#attempt = null;
    attempt.stopClock();
    for (const undo of attempt.undo) undo();
    attempt.undo.clear();
    this.#offers.void();
  }

  #expiresAt({ endsAtMs }: Attempt): string {
    const { wallMs, steadyMs } = this.#needs;
    return new Date(wallMs() + endsAtMs - steadyMs()).toISOString();
  }

  #tell(state: PairState): void {
    this.#state = state;
    this.changed.emit(state);
  }
}

function refusal(error: unknown): RpcFailure {
  if (error instanceof RpcFailure) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new RpcFailure('refused', `No code could be made: ${why}`);
}
