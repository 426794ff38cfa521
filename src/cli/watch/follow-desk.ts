import type { SessionId } from '../../protocol/ids.ts';
import type { NotificationParams, Result } from '../../protocol/methods.ts';
import type { AgentPulse } from '../../protocol/reach.ts';
import type { SessionSummary } from '../../protocol/session/state.ts';
import type { Cli } from '../cli.ts';
import { linkHost, type HostLink } from '../host/host-link.ts';
import { isLost, relink, type Relinking } from '../host/relink.ts';

type Desk = Result<'desk.follow'>;
type Problems = NotificationParams<'desk.problems'>['problems'];

/** The list of sessions as the host told it last. */
export class DeskList {
  #sessions = new Map<SessionId, SessionSummary>();
  #pulses: readonly AgentPulse[] = [];
  #problems: Problems = [];

  /** Archived ones too. */
  get sessions(): readonly SessionSummary[] {
    return [...this.#sessions.values()];
  }

  get problems(): Problems {
    return this.#problems;
  }

  pulseOf(id: SessionId): AgentPulse | null {
    return this.#pulses.find(({ sessionId }) => sessionId === id) ?? null;
  }

  reset({ sessions, pulses = [], problems }: Desk): void {
    this.#sessions = new Map(sessions.map((session) => [session.id, session]));
    this.#pulses = pulses;
    this.#problems = problems;
  }

  /** Whether it is about the list. */
  take(link: HostLink, changed: () => void): () => void {
    return link.client.notices.on(({ name, params }) => {
      if (name === 'desk.session') this.#sessions.set(params.session.id, params.session);
      else if (name === 'desk.forgotten') this.#sessions.delete(params.sessionId);
      else if (name === 'desk.pulses') this.#pulses = params.pulses;
      else if (name === 'desk.problems') this.#problems = params.problems;
      else return;
      changed();
    });
  }
}

export interface FollowingDesk extends Relinking {
  /** The list is as the host has it, for the first time or anew. */
  changed(): void;
}

/** Keeps `list` as the host has it, across any number of host restarts, until `signal` aborts. */
export async function followDesk(cli: Cli, list: DeskList, given: FollowingDesk): Promise<void> {
  let link: HostLink | null = await linkHost(cli);
  while (link !== null) {
    const stop = list.take(link, given.changed);
    try {
      await followOnce(link, list, given);
      return;
    } catch (error) {
      if (!isLost(link, error)) throw error;
    } finally {
      stop();
      link.close();
    }
    link = given.signal.aborted ? null : await relink(cli, given);
  }
}

async function followOnce(
  { client, closedBecause }: HostLink,
  list: DeskList,
  { signal, changed }: FollowingDesk,
): Promise<void> {
  const undo: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => resolve();
      const lost = (why: string): void => reject(new Error(`The connection closed: ${why}`));
      signal.addEventListener('abort', leave);
      undo.push(client.closed.on(lost), () => signal.removeEventListener('abort', leave));
      const closed = closedBecause();
      if (signal.aborted) return leave();
      if (closed !== null) return lost(closed);
      // Told in the turn in which it arrives: no notice that follows it is taken before it.
      client.ask(
        'desk.follow',
        {},
        {
          result: (desk) => {
            list.reset(desk);
            changed();
          },
          failure: reject,
        },
      );
    });
  } finally {
    for (const end of undo) end();
  }
}
