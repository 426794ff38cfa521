import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { withDeadline } from '../../base/deadline.ts';
import { isNobodyThere } from '../../local/ensure-host.ts';
import type { Home } from '../../local/home.ts';
import { connectSocket, SocketTransport } from '../../local/socket-transport.ts';
import { KEEPER_PROTOCOL, REFUSALS, type KeeperRequest } from '../../protocol/keeper.ts';

const CONNECT_LIMIT_MS = 1_000;
/** Stopping gives every agent 6 s to end by itself. */
const ANSWER_LIMIT_MS = 30_000;

/** Whether a keeper answers in this home. It starts the host again when that ends. */
export async function isKeeperThere(home: Home): Promise<boolean> {
  try {
    (await connectSocket(home.keeperSocket, CONNECT_LIMIT_MS)).destroy();
    return true;
  } catch (error) {
    return !isNobodyThere(error);
  }
}

const answerSchema = z.object({
  id: z.number(),
  ok: z
    .looseObject({
      instances: z.array(z.object({ state: z.string() })).default([]),
      pid: z.number().optional(),
    })
    .optional(),
  error: z.object({ code: z.string().optional(), message: z.string() }).optional(),
});
type Answer = z.infer<typeof answerSchema>;

/** It speaks another protocol: all that can be done is to end it, with what it holds. */
export class ForeignKeeper extends Error {
  override name = 'ForeignKeeper';
}

/** The process that holds a home's lock: its keeper, while one answers. Null when that is not said. */
export function keeperPidOf(home: Home): number | null {
  try {
    const locks = readdirSync(home.keeperState).filter((name) => /^lock-\d{8}$/u.test(name));
    const newest = locks.toSorted().at(-1) ?? '';
    const text = readFileSync(join(home.keeperState, newest), 'utf8');
    return z.object({ pid: z.number().int().min(2) }).parse(JSON.parse(text)).pid;
  } catch {
    return null;
  }
}

/**
 * The keeper spoken to without a host, for when none starts (a broken config), none answers, or
 * none understands us. It takes the place of the host's own connection.
 */
export class KeeperLink {
  readonly #transport: SocketTransport;
  readonly #waiting = new Map<number, (answer: Answer | null) => void>();
  #nextId = 1;
  #pid: number | null = null;

  private constructor(transport: SocketTransport) {
    this.#transport = transport;
    transport.start({
      message: (text) => {
        const answer = answerSchema.safeParse(JSON.parse(text));
        if (answer.success) this.#waiting.get(answer.data.id)?.(answer.data);
      },
      close: () => {
        for (const wake of this.#waiting.values()) wake(null);
      },
    });
  }

  /** Null when there is no keeper. */
  static async open(home: Home, version: string): Promise<KeeperLink | null> {
    let link: KeeperLink;
    try {
      const socket = await connectSocket(home.keeperSocket, CONNECT_LIMIT_MS);
      link = new KeeperLink(new SocketTransport(socket));
    } catch (error) {
      if (isNobodyThere(error)) return null;
      throw error;
    }
    const greeted = await link.#ask({
      do: 'hello',
      protocol: KEEPER_PROTOCOL,
      hostPid: process.pid,
      hostVersion: version,
    });
    link.#pid = greeted?.ok?.pid ?? null;
    return link;
  }

  /** Its process; null when it left before it said hello. */
  get pid(): number | null {
    return this.#pid;
  }

  /** How many agents run. */
  async agents(): Promise<number> {
    const answer = await this.#ask({ do: 'list' });
    return answer?.ok?.instances.filter(({ state }) => state === 'running').length ?? 0;
  }

  /** Ends the agents, then the host, then the keeper, which is gone a little after the answer. */
  async stop(): Promise<void> {
    await this.#ask({ do: 'stop' });
  }

  close(): void {
    this.#transport.close();
  }

  /** Null when the keeper left instead of answering. */
  async #ask(request: KeeperRequest): Promise<Answer | null> {
    const id = this.#nextId++;
    const answered = new Promise<Answer | null>((resolve) => this.#waiting.set(id, resolve));
    this.#transport.send(JSON.stringify({ id, ...request }));
    const answer = await withDeadline(
      answered,
      ANSWER_LIMIT_MS,
      `The keeper's answer to ${request.do}`,
    );
    if (answer?.error?.code === REFUSALS.wrongProtocol)
      throw new ForeignKeeper(answer.error.message);
    if (answer?.error !== undefined)
      throw new Error(`The keeper refuses (${request.do}): ${answer.error.message}`);
    return answer;
  }
}
