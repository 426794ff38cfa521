import type { DeviceKeys, Lock } from '../../../src/connection/device/ports.ts';
import type { CommandId, SessionId } from '../../../src/protocol/ids.ts';
import type { Params } from '../../../src/protocol/methods.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import { MemoryOutbox } from '../../support/memory-outbox.ts';

/** One phone through all of a run: its pages come and go, its keys and its outbox stay. */
export class SyncDevice {
  readonly refused = new Set<CommandId>();
  connections = 0;
  refusals = 0;
  readonly #keys: DeviceKeys;
  readonly #store = new MemoryOutbox();
  /** As a browser's: the pages of one phone send one after the other. */
  readonly #lock: Lock = {
    hold: async (signal, run) => {
      const before = this.#turn;
      let done: () => void = () => {};
      this.#turn = new Promise<void>((resolve) => (done = resolve));
      try {
        await before;
        if (signal.aborted) throw new Error('It has waited too long.');
        return await run();
      } finally {
        done();
      }
    },
  };
  #turn: Promise<void> = Promise.resolve();
  #current: HeadlessDevice | null = null;

  constructor(keys: DeviceKeys) {
    this.#keys = keys;
  }

  get current(): HeadlessDevice {
    if (this.#current === null) throw new Error('No page is open.');
    return this.#current;
  }

  /** Commands that have no answer yet. */
  get waiting(): number {
    return this.current.outbox.entries.filter(({ state }) => state !== 'refused').length;
  }

  async open(sessions: readonly SessionId[]): Promise<void> {
    const page = this.#page();
    this.#current = page;
    await page.start();
    for (const id of sessions) page.follow(id);
  }

  /** The page is closed in the middle of everything; the next one knows what was stored. */
  async reopen(sessions: readonly SessionId[]): Promise<void> {
    this.current.stop();
    await this.open(sessions);
  }

  async secondPage(forMs: number, sessions: readonly SessionId[]): Promise<void> {
    const page = this.#page();
    await page.start();
    for (const id of sessions) page.follow(id);
    await new Promise((resolve) => setTimeout(resolve, forMs));
    page.stop();
  }

  async send(params: Params<'session.send'> & { readonly commandId: CommandId }): Promise<void> {
    await this.current.outbox.send('session.send', params);
  }

  /** The person looks at it. */
  look(): void {
    this.current.presence.set({ isVisible: true });
  }

  stop(): void {
    this.#current?.stop();
  }

  #page(): HeadlessDevice {
    const page = new HeadlessDevice(this.#keys, {
      outboxStore: this.#store,
      lock: this.#lock,
    });
    page.surface.states.on((state) => {
      if (state.kind === 'up') this.connections += 1;
      // Its proof is signed over what the proxy may have changed; the next look tries again.
      if (state.kind === 'refused') this.refusals += 1;
    });
    page.outbox.changed.on((entries) => {
      for (const { commandId, refused } of entries)
        if (refused !== undefined) this.refused.add(commandId);
    });
    return page;
  }
}
