import type { ApprovalId, SessionId } from '../../protocol/ids.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import type { EventLog } from '../event-log/event-log.ts';

/** How long a decision waits for the receipt that the agent has it. */
const DELIVERY_LIMIT_MS = 5_000;
/** Where the receipt of a decision is looked for that was made before. */
const LATEST = { limit: 200, newest: true, maxBytes: 1024 * 1024 } as const;

/** Whether the agent has the decision, or false after 5 s. Begin before it is made; `stop` in any case. */
export function untilDelivered(
  log: EventLog,
  id: ApprovalId,
  sessionId: SessionId | null,
): { arrived: Promise<boolean>; stop(): void } {
  let stop = (): void => {};
  const arrived = new Promise<boolean>((resolve) => {
    if (sessionId === null) return resolve(false);
    const isReceipt = (event: SessionEvent) =>
      event.type === 'approval.delivered' && event.approvalId === id;
    // Decided before: the receipt may have come before the question.
    if (log.events(sessionId, LATEST).some(isReceipt)) return resolve(true);
    const timer = setTimeout(() => stop(), DELIVERY_LIMIT_MS);
    const undo = log.follow(sessionId, (events) => {
      if (!events.some(isReceipt)) return;
      resolve(true);
      stop();
    });
    stop = () => {
      clearTimeout(timer);
      undo();
      resolve(false);
    };
  });
  return { arrived, stop: () => stop() };
}
