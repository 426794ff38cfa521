import { createStore, type StoreApi } from 'zustand/vanilla';
import type { HostNotice } from '../../../src/connection/host-client.ts';
import type { Role } from '../../../src/protocol/devices.ts';
import type { MethodName, Params, Result } from '../../../src/protocol/methods.ts';
import type { PairState } from '../../../src/protocol/pairing.ts';
import { pairing as t } from '../../strings/pairing.ts';

/** A relay may have to be started first. */
const OFFER_LIMIT_MS = 45_000;

export type PairView =
  | { readonly phase: 'making' }
  | (Extract<PairState, { phase: 'offered' }> & { readonly endsAtMs: number })
  | (Extract<PairState, { phase: 'candidate' }> & {
      readonly endsAtMs: number;
      readonly isBusy: boolean;
    })
  | Extract<PairState, { phase: 'paired' | 'ended' }>
  /** There never was a code. */
  | { readonly phase: 'notMade'; readonly message: string };

export interface PairingHost {
  call<M extends MethodName>(method: M, params: Params<M>, limitMs?: number): Promise<Result<M>>;
  onNotice(listener: (notice: HostNotice) => void): () => void;
}

export interface PairingClocks {
  /** As `expiresAt` is told by. */
  wallMs(): number;
  /** What the countdown runs by: a clock that is set does not move it. */
  steadyMs(): number;
}

/** One pairing as a screen shows it: what the host tells, and what the person asks for. */
export class PairingModel {
  readonly store: StoreApi<PairView> = createStore<PairView>(() => ({ phase: 'making' }));
  readonly #host: PairingHost;
  readonly #clocks: PairingClocks;
  /** The code was asked for here, so leaving takes it back. */
  #isOwn = false;
  #asked = 0;
  #undo = (): void => {};

  constructor(host: PairingHost, clocks: PairingClocks) {
    this.#host = host;
    this.#clocks = clocks;
  }

  /** Shows the code that is there already (made in a terminal), else asks for one. */
  async start(): Promise<void> {
    this.#undo();
    this.#undo = this.#host.onNotice((notice) => {
      if (notice.name === 'pair.state' && this.#isOpen()) this.#show(notice.params.state);
    });
    const asked = (this.#asked += 1);
    this.store.setState({ phase: 'making' }, true);
    const state = await this.#host.call('pair.follow', {}).then(
      (result) => result.state,
      (): PairState => ({ phase: 'idle' }),
    );
    if (asked !== this.#asked) return;
    if (state.phase === 'offered' || state.phase === 'candidate') return this.#show(state);
    await this.make(false);
  }

  async make(lan: boolean): Promise<void> {
    const asked = (this.#asked += 1);
    this.#isOwn = true;
    this.store.setState({ phase: 'making' }, true);
    try {
      const { state } = await this.#host.call('pair.offer', { lan }, OFFER_LIMIT_MS);
      if (asked === this.#asked && this.store.getState().phase === 'making') this.#show(state);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.store.setState({ phase: 'notMade', message: messageOf(error) }, true);
    }
  }

  /** `person` empty: the owner's. */
  async confirm(role: Role, person: string): Promise<void> {
    const view = this.store.getState();
    if (view.phase !== 'candidate' || view.isBusy) return;
    await this.#settle(
      view,
      async () =>
        await this.#host.call('pair.confirm', {
          ...{ digits: view.digits, role },
          ...(person.trim() !== '' && { person }),
        }),
    );
  }

  async refuse(): Promise<void> {
    const view = this.store.getState();
    if (view.phase !== 'candidate' || view.isBusy) return;
    await this.#settle(view, async () => await this.#host.call('pair.refuse', {}));
  }

  async takeBack(): Promise<void> {
    await this.#host.call('pair.cancel', {}).catch(() => {
      // The host says what became of it, or is gone, and the code with it.
    });
  }

  /** The host cannot be heard any more. */
  lost(): void {
    if (!this.#isOpen()) return;
    this.#asked += 1;
    this.store.setState({ phase: 'ended', why: 'cancelled', message: t.lost }, true);
  }

  /** The screen is closed: a code that nobody sees is not to be used. */
  close(): void {
    this.#undo();
    const isOpen = this.#isOpen();
    this.#asked += 1;
    if (this.#isOwn && isOpen) void this.takeBack();
  }

  /** After its end a screen stays as it is until the person goes on. */
  #isOpen(): boolean {
    const { phase } = this.store.getState();
    return phase === 'making' || phase === 'offered' || phase === 'candidate';
  }

  async #settle(
    view: PairView & { phase: 'candidate' },
    act: () => Promise<unknown>,
  ): Promise<void> {
    this.store.setState({ ...view, isBusy: true }, true);
    try {
      await act();
    } catch (error) {
      // The host has told the end of it before; this is for when it could not.
      if (this.store.getState().phase === 'candidate')
        this.store.setState({ phase: 'ended', why: 'failed', message: messageOf(error) }, true);
    }
  }

  #show(state: PairState): void {
    const { phase } = this.store.getState();
    switch (state.phase) {
      case 'idle':
        return;
      case 'offered':
        return this.store.setState({ ...state, endsAtMs: this.#endsAtMs(state) }, true);
      case 'candidate':
        return this.store.setState(
          { ...state, endsAtMs: this.#endsAtMs(state), isBusy: false },
          true,
        );
      case 'paired':
        return this.store.setState(state, true);
      case 'ended':
        // While a new one is made the end of the last is no news.
        if (phase !== 'making') this.store.setState(state, true);
    }
  }

  #endsAtMs({ expiresAt }: { readonly expiresAt: string }): number {
    const { wallMs, steadyMs } = this.#clocks;
    return steadyMs() + Date.parse(expiresAt) - wallMs();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
