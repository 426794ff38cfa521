import type { Outbox } from '../../../src/connection/device/outbox.ts';
import { Acts } from '../../state/acts.ts';
import type { HostLink } from '../../state/host-link.ts';
import { newCommandId } from '../../state/uuid.ts';

/** As at a window, but what is written waits on the phone until the host has it; what the host says of it shows in the outbox. */
export class OutboxActs extends Acts {
  constructor(link: HostLink, outbox: Pick<Outbox, 'send'>) {
    super(link, null, {
      send: async (sessionId, prompt) => {
        await outbox.send('session.send', { commandId: newCommandId(), sessionId, prompt });
      },
    });
  }
}
