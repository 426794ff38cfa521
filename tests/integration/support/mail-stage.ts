import { join } from 'node:path';
import { expect } from 'vitest';
import type { DeviceKeys } from '../../../src/connection/device/ports.ts';
import type { OutboxView } from '../../../src/connection/device/outbox.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { ChannelId } from '../../../src/protocol/relay.ts';
import type { Mail } from '../../../src/relay/mail/mail-store.ts';
import { MemoryMailStore } from '../../fakes/memory-mail-store.ts';
import { enrol } from '../../support/enrolled-device.ts';
import { HeadlessDevice } from '../../support/headless-device.ts';
import { MemoryOutbox } from '../../support/memory-outbox.ts';
import { relayHere } from '../../support/relay-under-test.ts';
import { dist, HostUnderTest, newCommandId, text } from './host-under-test.ts';
import { killHard } from './processes.ts';

const LIMIT_MS = 20_000;

/** Remembers what was ever left, as a relay that means harm would. */
class RecordingStore extends MemoryMailStore {
  readonly recorded: [ChannelId, Mail][] = [];

  override async leave(channel: ChannelId, mail: Mail): Promise<void> {
    await super.leave(channel, mail);
    this.recorded.push([channel, mail]);
  }
}

type Relay = Awaited<ReturnType<typeof relayHere>>;

/** The built keeper and host, a real relay whose mailbox is in memory, and a phone without a screen. */
export class MailStage {
  readonly store: RecordingStore;
  readonly relay: Relay;
  readonly host: HostUnderTest;
  readonly outbox = new MemoryOutbox();
  readonly #keys: DeviceKeys;
  readonly #pages: HeadlessDevice[] = [];

  private constructor(store: RecordingStore, relay: Relay) {
    const { url } = relay;
    const command = process.execPath;
    const args = [join(dist, 'demo-agent', 'main.js'), '--speed', '40'];
    this.store = store;
    this.relay = relay;
    this.host = new HostUnderTest({ agents: { demo: { command, args } }, relay: { url } });
    const device = { name: 'Pixel', role: 'operator', via: url, relay: url } as const;
    this.#keys = enrol(this.host.home, device).keys;
  }

  static async set(): Promise<MailStage> {
    const store = new RecordingStore();
    return new MailStage(store, await relayHere({ mail: store }));
  }

  async end(): Promise<void> {
    for (const page of this.#pages) page.stop();
    await this.host.stop();
    await this.relay.stop();
  }

  /** What an earlier page kept is there. */
  async openPage(): Promise<HeadlessDevice> {
    const page = new HeadlessDevice(this.#keys, { outboxStore: this.outbox });
    this.#pages.push(page);
    await page.start();
    return page;
  }

  /** All that waits is at the relay, and the page is closed. */
  async closeWhenLeft(page: HeadlessDevice): Promise<void> {
    const isLeft = ({ state }: OutboxView): boolean => state === 'left';
    await page.until(() =>
      page.outbox.entries.length > 0 && page.outbox.entries.every(isLeft) ? true : null,
    );
    page.stop();
  }

  async leave(...prompts: readonly (readonly [SessionId, string])[]): Promise<void> {
    const page = await this.openPage();
    for (const [sessionId, words] of prompts)
      await page.outbox.send('session.send', {
        ...{ sessionId, commandId: newCommandId(), prompt: text(words) },
      });
    await this.closeWhenLeft(page);
  }

  async hostIsGone(): Promise<void> {
    const { metrics } = this.relay.relay;
    await expect.poll(() => metrics.connected.host, { timeout: LIMIT_MS }).toBe(0);
  }

  async killAll(): Promise<void> {
    const { pid, keeperPid } = await this.host.client.call('host.status', {});
    // Neither of the two is to start the other again.
    killHard(keeperPid, 'SIGSTOP');
    killHard(pid);
    await this.hostIsGone();
    killHard(keeperPid);
  }

  async emptied(): Promise<void> {
    await expect.poll(() => this.store.all.length, { timeout: LIMIT_MS }).toBe(0);
  }

  /** Who said what in a session. */
  async prompts(sessionId: SessionId): Promise<string[]> {
    return (await this.host.events(sessionId)).flatMap((event) =>
      event.type === 'prompt.queued' ? [`${event.by}: ${JSON.stringify(event.prompt)}`] : [],
    );
  }
}

/** As {@link MailStage.prompts} shows them. */
export const saidByPhone = (...words: readonly string[]): string[] =>
  words.map((each) => `device:Pixel: ${JSON.stringify(text(each))}`);
