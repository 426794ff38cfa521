import type { BrowserContext, Page } from 'playwright-core';
import { z } from 'zod';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { sessionEventSchema, type SessionEvent } from '../../../src/protocol/session/events.ts';

const toldSchema = z.object({
  method: z.literal('session.events'),
  params: z.object({ sessionId: z.string(), events: z.array(sessionEventSchema) }),
});
const followedSchema = z.object({
  result: z.object({
    state: z.object({ id: z.string() }),
    events: z.array(sessionEventSchema),
    continues: z.boolean(),
  }),
});

/** Must come before the window is made. Listens along on the port to the host, and changes nothing. */
export async function listenAlong(context: BrowserContext): Promise<void> {
  await context.addInitScript(`
    globalThis.__heard = [];
    addEventListener('message', ({ ports }) => {
      for (const port of ports) port.addEventListener('message', ({ data }) => __heard.push(data));
    });
  `);
}

/** What the host told this window of a session, in order. */
export async function windowHistory(page: Page, sessionId: SessionId): Promise<SessionEvent[]> {
  const heard: unknown[] = await page.evaluate('__heard');
  let events: SessionEvent[] = [];
  for (const line of heard) {
    const message: unknown = typeof line === 'string' ? JSON.parse(line) : line;
    const followed = followedSchema.safeParse(message);
    if (followed.success && followed.data.result.state.id === sessionId) {
      const { events: more, continues } = followed.data.result;
      events = continues ? [...events, ...more] : [...more];
    }
    const told = toldSchema.safeParse(message);
    if (told.success && told.data.params.sessionId === sessionId)
      events.push(...told.data.params.events);
  }
  return events;
}
