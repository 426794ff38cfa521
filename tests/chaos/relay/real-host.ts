import type { CommandId, SessionId } from '../../../src/protocol/ids.ts';
import {
  eventually,
  HostUnderTest,
  newCommandId,
  text,
} from '../../integration/support/host-under-test.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { SyncDevice } from '../sync/sync-device.ts';

const BACK_LIMIT_MS = 60_000;
const ASK_EVERY_MS = 1_500;

/** A host as it is built, with its keeper and an agent, and phones that give it work. */
export class RealHost {
  readonly #host = new HostUnderTest();
  readonly #devices: SyncDevice[] = [];
  readonly #asked = new Set<CommandId>();
  readonly #faults: string[] = [];
  #sessionId: SessionId | null = null;
  #timer: NodeJS.Timeout | null = null;

  async start(relay: string, devices: number): Promise<void> {
    this.#host.writeConfig({ relay: { url: relay } });
    for (let n = 0; n < devices; n += 1) {
      const name = `phone ${n + 1} of a real host`;
      const { keys } = enrol(this.#host.home, { name, role: 'operator', via: relay, relay });
      this.#devices.push(new SyncDevice(keys));
    }
    await this.#host.connect();
    const sessionId = await this.#host.start('demo');
    this.#sessionId = sessionId;
    for (const device of this.#devices) await device.open([sessionId]);
    await Promise.all(this.#devices.map(async ({ current }) => await current.up(BACK_LIMIT_MS)));
  }

  /** From now on its phones ask for something, each in its turn. */
  work(): void {
    let turn = 0;
    this.#timer = setInterval(() => {
      const device = this.#devices[(turn += 1) % this.#devices.length];
      this.#ask(device).catch((error: unknown) => this.#faults.push(String(error)));
    }, ASK_EVERY_MS);
  }

  /** Nothing more is asked, all is answered, and all know all: what is wrong then. */
  async settle(): Promise<string[]> {
    this.#rest();
    const sessionId = this.#sessionId;
    if (sessionId === null) return ['a real host has no session'];
    for (const device of this.#devices) {
      device.look();
      await device.current.up(BACK_LIMIT_MS);
      await device.current.until(() => (device.waiting === 0 ? true : null), BACK_LIMIT_MS);
    }
    await eventually(async () => {
      const { queue, turn } = await this.#host.state(sessionId);
      return queue.length === 0 && (turn === null || turn.endedAt !== null) ? true : null;
    }, BACK_LIMIT_MS);
    const stored = await this.#host.events(sessionId);
    for (const [n, { current }] of this.#devices.entries()) {
      await current.caughtUp(sessionId, stored.at(-1)?.seq ?? 0, BACK_LIMIT_MS);
      const wrong = (await current.history(sessionId)).differences(stored);
      this.#faults.push(...wrong.map((what) => `phone ${n + 1} of a real host: ${what}`));
    }
    const done = stored.flatMap((event) =>
      event.type === 'prompt.queued' ? [event.commandId] : [],
    );
    for (const id of this.#asked) {
      const times = done.filter((each) => each === id).length;
      const isRefused = this.#devices.some(({ refused }) => refused.has(id));
      if (times !== (isRefused ? 0 : 1))
        this.#faults.push(`${id} was done ${times} times by a real host`);
    }
    return this.#faults;
  }

  async stop(): Promise<void> {
    this.#rest();
    for (const device of this.#devices) device.stop();
    await this.#host.stop();
  }

  #rest(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  async #ask(device: SyncDevice | undefined): Promise<void> {
    if (device === undefined || this.#sessionId === null || device.waiting > 10) return;
    const commandId = newCommandId();
    const prompt = text('SCRIPT:stream n=20 rate=100');
    await device.send({ sessionId: this.#sessionId, commandId, prompt });
    this.#asked.add(commandId);
  }
}
