import type { Outbox } from '../../../src/connection/device/outbox.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { PromptPart } from '../../../src/protocol/transcript/content.ts';
import { Acts, type Signer } from '../../state/acts.ts';
import type { HostLink } from '../../state/host-link.ts';
import { newCommandId } from '../../state/uuid.ts';

/** As at a window, but what is written waits on the phone until the host has it; what the host says of it shows in the outbox. Decisions are signed, and never wait. */
export class OutboxActs extends Acts {
  constructor(link: HostLink, outbox: Pick<Outbox, 'send'>, signer: Signer) {
    const prompts = {
      send: async (sessionId: SessionId, prompt: PromptPart[]) => {
        await outbox.send('session.send', { commandId: newCommandId(), sessionId, prompt });
      },
    };
    super(link, null, prompts, signer);
  }
}
