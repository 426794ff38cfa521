import { z } from 'zod';
import { withDeadline } from '../../base/deadline.ts';
import { isNobodyThere } from '../../local/ensure-host.ts';
import type { Home } from '../../local/home.ts';
import { connectSocket, SocketTransport } from '../../local/socket-transport.ts';
import { HOLDER_PROTOCOL, type HolderRequest } from '../../protocol/holder.ts';

const CONNECT_LIMIT_MS = 1_000;
/** It may have several settings to put back, each with a tool that takes up to 10 s. */
const STOP_LIMIT_MS = 60_000;

const answerSchema = z.looseObject({
  id: z.number(),
  ok: z.looseObject({ pid: z.number().int().optional() }).optional(),
  error: z.looseObject({ message: z.string() }).optional(),
});
type Answer = z.infer<typeof answerSchema>;

/**
 * Has the holder of this home let go of everything, put back what it changed and end. For when no
 * host is there to say so: it would go on for the rest of its lease. Returns its process, or null
 * when none answers.
 */
export async function stopHolder(home: Home, version: string): Promise<number | null> {
  let transport: SocketTransport;
  try {
    transport = new SocketTransport(await connectSocket(home.holderSocket, CONNECT_LIMIT_MS));
  } catch (error) {
    if (isNobodyThere(error)) return null;
    throw error;
  }
  const ask = asker(transport);
  try {
    const hello = await ask({
      do: 'hello',
      protocol: HOLDER_PROTOCOL,
      hostPid: process.pid,
      hostVersion: version,
    });
    await ask({ do: 'stop' });
    return hello?.ok?.pid ?? null;
  } finally {
    transport.close();
  }
}

/** Asks one thing at a time; null: the holder left instead of answering. */
function asker(transport: SocketTransport): (request: HolderRequest) => Promise<Answer | null> {
  const waiting = new Map<number, (answer: Answer | null) => void>();
  let closed = false;
  let next = 1;
  transport.start({
    message: (text) => {
      const answer = answerOf(text);
      if (answer !== null) waiting.get(answer.id)?.(answer);
    },
    close: () => {
      closed = true;
      for (const wake of waiting.values()) wake(null);
    },
  });
  return async (request) => {
    if (closed) return null;
    const id = next++;
    const answered = new Promise<Answer | null>((resolve) => waiting.set(id, resolve));
    transport.send(JSON.stringify({ id, ...request }));
    const answer = await withDeadline(
      answered,
      STOP_LIMIT_MS,
      `The holder's answer to ${request.do}`,
    );
    if (answer?.error !== undefined)
      throw new Error(`The holder refuses (${request.do}): ${answer.error.message}`);
    return answer;
  };
}

/** What is no answer (what it tells unasked, or nonsense) is nobody's business here. */
function answerOf(text: string): Answer | null {
  try {
    return answerSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
