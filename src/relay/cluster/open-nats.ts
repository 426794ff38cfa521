import type { Logger } from '../../base/log.ts';
import type { Clock } from '../clock.ts';
import { JetMailStore } from '../mail/jet-mail-store.ts';
import type { MailStore } from '../mail/mail-store.ts';
import { JetLeaseStore } from '../notes/jet-lease-store.ts';
import { JetNoteStore, notesPlan } from '../notes/jet-note-store.ts';
import type { LeaseStore } from '../notes/lease-store.ts';
import type { SharedNoteStore } from '../notes/note-store.ts';
import type { Bus } from './bus.ts';
import type { FactStore } from './fact-store.ts';
import { JetFactStore } from './jet-fact-store.ts';
import type { StreamPlan } from './jet-stream.ts';
import { jetProblem } from './jet-words.ts';
import { Jet } from './jet.ts';
import { NatsBus } from './nats-bus.ts';
import { NatsLink } from './nats-link.ts';
import type { ClusterSettings } from './settings.ts';

/** Longer than an election takes; after that whoever needs a stream makes it. */
const MAKE_LIMIT_MS = 30_000;

export interface NatsNeeds {
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** In [0, 1). */
  random(): number;
  readonly log: Logger;
}

/** All of a node that speaks NATS, over one connection. */
export interface NatsParts {
  readonly link: NatsLink;
  readonly bus: Bus;
  readonly facts: FactStore;
  readonly mail: MailStore;
  readonly lease: LeaseStore;
  /** A new one each time that this node begins to keep the notes. */
  openNotes(onFailed: (problem: string) => void): SharedNoteStore;
  /** After all that uses it. */
  close(): Promise<void>;
}

/**
 * Throws, in words, for settings that no server could be dialled with. That no server is there is none
 * of them: the parts are there, down, and get up when NATS does.
 */
export function openNats(settings: ClusterSettings, needs: NatsNeeds): NatsParts {
  const { clock, log, wallMs } = needs;
  const { prefix, replicas } = settings;
  const link = NatsLink.open(settings, needs);
  const jet = new Jet({ ...needs, link, replicas });
  const bus = new NatsBus(link, log);
  const facts = new JetFactStore({ jet, prefix, clock, log });
  const mail = new JetMailStore({ jet, settings, wallMs });
  const lease = new JetLeaseStore(jet, prefix);
  const plans = [facts.plan, mail.plan, lease.plan, notesPlan(prefix)];
  const forget = link.onChange((connection) => {
    if (connection !== null) void makeAll(jet, plans, log);
  });
  return {
    ...{ link, bus, facts, mail, lease },
    openNotes: (onFailed) => new JetNoteStore({ jet, prefix, clock, onFailed }),
    close: async () => {
      forget();
      await bus.close();
      await link.close();
    },
  };
}

/** One after the other: a cluster that has just come together is busy enough. */
async function makeAll(jet: Jet, plans: readonly StreamPlan[], log: Logger): Promise<void> {
  for (const plan of plans) {
    try {
      await jet.make(plan, MAKE_LIMIT_MS);
    } catch (error) {
      log.error({ stream: plan.name, err: jetProblem(error) }, 'a stream cannot be made');
    }
  }
}
