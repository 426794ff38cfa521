import { compile } from '../../../build/compile.mjs';
import type { Role } from '../../../src/protocol/devices.ts';
import type { PairState } from '../../../src/protocol/pairing.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { DeviceId } from '../../../src/protocol/relay.ts';
import {
  eventually,
  HostUnderTest,
  newCommandId,
} from '../../integration/support/host-under-test.ts';
import type { Phone } from './phone.ts';
import { Phones, type Launch } from './phones.ts';

const PAIR_LIMIT_MS = 30_000;

/** A phone as the host lists it, and as a person holds it. */
export interface PairedPhone {
  readonly phone: Phone;
  readonly device: DeviceId;
}

/** A real host with its own relay, and phones that reach that through a network of the test's. */
export class PhoneStage {
  readonly host: HostUnderTest;
  readonly phones: Phones;

  private constructor(host: HostUnderTest, phones: Phones) {
    this.host = host;
    this.phones = phones;
  }

  static async start(config: object = {}, launch?: Launch): Promise<PhoneStage> {
    await compile(['keeper', 'host', 'demo-agent', 'relay', 'phone', 'cli']);
    const stage = new PhoneStage(new HostUnderTest(config), new Phones(launch));
    await stage.host.connect();
    return stage;
  }

  async offer(role: Role = 'approver'): Promise<Extract<PairState, { phase: 'offered' }>> {
    const { state } = await this.host.client.call('pair.offer', { role }, PAIR_LIMIT_MS);
    if (state.phase !== 'offered') throw new Error(`No offer: ${JSON.stringify(state)}`);
    return state;
  }

  async candidate(): Promise<Extract<PairState, { phase: 'candidate' }>> {
    return await eventually(async () => {
      const { state } = await this.host.client.call('pair.follow', {});
      return state.phase === 'candidate' ? state : null;
    }, PAIR_LIMIT_MS);
  }

  /** From the offer to the list of sessions on the phone; the digits on both sides are compared. */
  async pair(role: Role = 'operator', name?: string, offered?: string): Promise<PairedPhone> {
    const phone = await this.phones.scan(offered ?? (await this.offer(role)).url);
    await phone.startPairing(name);
    const { digits } = await this.candidate();
    const shown = await phone.digits();
    if (shown !== digits) throw new Error(`The phone shows ${shown}, the host ${digits}.`);
    const { device } = await this.host.client.call('pair.confirm', { digits, role });
    await phone.isHome();
    return { phone, device: device.id };
  }

  /** A session of the demo agent by this title, at work on a script, open on the phone. */
  async session(phone: Phone, title: string, script?: string): Promise<SessionId> {
    const prompt = script === undefined ? undefined : `SCRIPT:${script}`;
    const sessionId = await this.host.start('demo', prompt);
    const commandId = newCommandId();
    await this.host.client.call('session.rename', { sessionId, commandId, title });
    await phone.goHome();
    await phone.openSession(title);
    return sessionId;
  }

  async stop(): Promise<void> {
    await this.phones.stop();
    await this.host.stop();
  }
}
