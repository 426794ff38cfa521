import type { Outbox } from '../../../src/connection/device/outbox.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { PromptPart } from '../../../src/protocol/transcript/content.ts';
import { Acts } from '../../state/acts.ts';
import type { HostLink } from '../../state/host-link.ts';
import { newCommandId } from '../../state/uuid.ts';

/** As at a window, but what is written waits on the phone until the host has it. */
export class OutboxActs extends Acts {
  readonly #outbox: Pick<Outbox, 'send'>;

  constructor(link: HostLink, outbox: Pick<Outbox, 'send'>) {
    super(link, null);
    this.#outbox = outbox;
  }

  /** Resolves once it is kept here; what the host says of it shows in the outbox. */
  override async send(sessionId: SessionId, prompt: PromptPart[]): Promise<void> {
    await this.#outbox.send('session.send', { commandId: newCommandId(), sessionId, prompt });
  }
}
