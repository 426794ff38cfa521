import { laneOf } from '../command-lane.ts';
import { isMailable } from './mailable.ts';
import type { EntryMail, Mailbox, OutboxEntry } from './ports.ts';

export interface LeaveMailNeeds {
  readonly mailbox: Mailbox;
  /** Oldest first. */
  entries(): readonly OutboxEntry[];
  /** Durable when it resolves; nothing where the entry is gone. Undefined: the relay surely has none. */
  keep(entry: OutboxEntry, mail: EntryMail | undefined): Promise<void>;
  /** Commands that no mail has room for; kept by the caller, so that each is tried once. */
  readonly tooBig: Set<string>;
  nowMs(): number;
}

/** The relay has it, and keeps it still. */
export function isLeft({ mail }: OutboxEntry, nowMs: number): boolean {
  return mail?.left !== undefined && nowMs < mail.left.untilMs;
}

/** It was said to the relay, which has not surely said no: the relay may have it, or the host already. */
export function mayBeLeft({ mail }: OutboxEntry): boolean {
  return mail !== undefined;
}

/**
 * Leaves what may be left, one after the other. What concerns one thing stays in order: behind what
 * cannot be left nothing of its kind is, since it would be done before. Resolves with whether it is
 * of use to try again later; rejects like the mailbox and the store.
 */
export async function leaveMail(needs: LeaveMailNeeds): Promise<boolean> {
  const { mailbox, tooBig, nowMs } = needs;
  const stuck = new Set<string>();
  for (;;) {
    const entry = needs
      .entries()
      .find((each) => isWanted(each, nowMs()) && !stuck.has(laneOf(each)));
    if (entry === undefined || mailbox.maxAgeMs === null) return false;
    if (!isMailable(entry) || tooBig.has(entry.commandId)) {
      stuck.add(laneOf(entry));
      continue;
    }
    // One whose time at the relay is over is another mail.
    const id = entry.mail?.left === undefined ? (entry.mail?.id ?? null) : null;
    const mail: EntryMail = { id: id ?? mailbox.newId() };
    if (id === null) await needs.keep(entry, mail);
    // It may have been taken back, or refused, meanwhile.
    const isOne = (each: OutboxEntry): boolean =>
      each.commandId === entry.commandId && each.refused === undefined;
    if (!needs.entries().some(isOne)) continue;
    const keptMs = mailbox.maxAgeMs;
    const outcome = keptMs === null ? 'later' : await mailbox.leave(entry, mail.id);
    if (keptMs !== null && outcome === 'left') {
      const atMs = nowMs();
      await needs.keep(entry, { ...mail, left: { atMs, untilMs: atMs + keptMs } });
      continue;
    }
    // Surely not kept this time: only what was said before this may be there.
    if (id === null) await needs.keep(entry, entry.mail);
    if (outcome !== 'tooBig') return keptMs !== null;
    tooBig.add(entry.commandId);
  }
}

function isWanted(entry: OutboxEntry, nowMs: number): boolean {
  return entry.refused === undefined && !isLeft(entry, nowMs);
}
