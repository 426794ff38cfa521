import { join } from 'node:path';
import type { PushState } from '../../../src/protocol/push.ts';
import { dist, eventually } from '../../integration/support/host-under-test.ts';
import { PushService } from '../../support/push-service.ts';
import { subscribeAt } from './browser-push.ts';
import { NotifiedPhone } from './notified-phone.ts';
import { PhoneStage, type PairedPhone } from './phone-stage.ts';
import type { Launch } from './phones.ts';

/** A host, a push service and a phone on which notifications were turned on; no page of the app is open. */
export class PushStage {
  readonly service: PushService;
  readonly stage: PhoneStage;
  readonly paired: PairedPhone;
  readonly notified: NotifiedPhone;

  private constructor(
    service: PushService,
    stage: PhoneStage,
    paired: PairedPhone,
    notified: NotifiedPhone,
  ) {
    this.service = service;
    this.stage = stage;
    this.paired = paired;
    this.notified = notified;
  }

  static async start(launch?: Launch): Promise<PushStage> {
    const service = await PushService.start();
    let stage: PhoneStage | null = null;
    try {
      stage = await PhoneStage.start(configWith(service), launch);
      const paired = await stage.pair('operator', 'Pixel');
      const notified = await NotifiedPhone.of(paired.phone);
      const all = new PushStage(service, stage, paired, notified);
      await all.#turnOn();
      return all;
    } catch (error) {
      await stage?.stop();
      await service.close();
      throw error;
    }
  }

  /** What the host says of this phone's pushes. */
  async pushState(): Promise<PushState | null> {
    const { devices } = await this.stage.host.client.call('devices.list', {});
    return devices.find(({ id }) => id === this.paired.device)?.push ?? null;
  }

  async stop(): Promise<void> {
    await this.stage.stop();
    await this.service.close();
  }

  async #turnOn(): Promise<void> {
    const { phone } = this.paired;
    await subscribeAt(this.service, this.notified);
    await phone.page.goto('about:blank');
    await phone.page.goto(`${this.notified.origin}/#/`);
    await phone.isHome();
    const offer = phone.page.getByRole('button', { name: 'Turn on', exact: true });
    await offer.tap();
    await eventually(async () => ((await this.pushState())?.state === 'on' ? true : null));
    // And the phone has noted that the host has it.
    await offer.waitFor({ state: 'detached' });
    await phone.page.goto('about:blank');
  }
}

function configWith(service: PushService): object {
  return {
    // Several of a test file in a row are no burst: each is told by itself.
    notify: { allowHosts: [service.host], seenSec: 5, digestFrom: 100 },
    agents: {
      demo: {
        command: process.execPath,
        args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
      },
    },
  };
}
