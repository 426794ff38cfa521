import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import type { Deeds } from './model-agent.ts';

/** What a surface was told of its decision. */
export interface Told {
  readonly approvalId: string;
  readonly commandId: string;
  readonly isForeign: boolean;
  readonly by: string;
  readonly outcome: string;
}

type About = Extract<SessionEvent, { approvalId: string }>;

export interface Expected {
  /** Which rule decides a call; `ask`: none. */
  ruleOf(marker: string): 'allow' | 'deny' | 'ask';
  /** No keeper has died, and taken with it what agents had heard. */
  readonly knowsDelivery: boolean;
}

/** The rules of approvals, over what is written down, what agents did and what surfaces were told. */
export function wrongs(
  events: readonly SessionEvent[],
  deeds: Deeds,
  told: readonly Told[],
  expected: Expected,
): string[] {
  const wrong: string[] = [];
  const about = new Map<string, About[]>();
  const idOf = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'approval.opened') {
      const { id, title } = event.approval;
      if (about.has(id)) wrong.push(`${title} was opened twice as ${id}`);
      about.set(id, []);
      idOf.set(title, id);
    } else if ('approvalId' in event) about.get(event.approvalId)?.push(event);
  }
  for (const [marker, id] of idOf) {
    const ran = deeds.ran.filter((each) => each === marker).length;
    for (const text of wrongsOf(about.get(id) ?? [], ran, marker, expected))
      wrong.push(`${marker}: ${text}`);
    for (const text of toldWrongs(
      about.get(id) ?? [],
      told.filter((each) => each.approvalId === id),
    ))
      wrong.push(`${marker}: ${text}`);
  }
  for (const marker of deeds.ran)
    if (!idOf.has(marker)) wrong.push(`${marker} was run, and no approval of it is written down`);
  for (const marker of deeds.ranAfterCancel) wrong.push(`${marker} was run after its cancel`);
  return wrong;
}

function wrongsOf(
  events: readonly About[],
  ran: number,
  marker: string,
  { ruleOf, knowsDelivery }: Expected,
): string[] {
  const types = events.map(({ type }) => type.slice('approval.'.length));
  const said = types.join(', ');
  const wrong: string[] = [];
  if (!ENDINGS.has(said)) wrong.push(`its receipts are ${said || 'none'}`);
  if (knowsDelivery && said === 'decided, finished') wrong.push('it has finished undelivered');
  const decided = events.find((event) => event.type === 'approval.decided');
  const isAllowed = decided?.type === 'approval.decided' && decided.allowed;
  if (ran > 1) wrong.push(`it was run ${ran} times`);
  if (ran > 0 && !isAllowed) wrong.push(`it was run, and is ${said}`);
  if (ran > 0 && types.includes('closed')) wrong.push('it was run, and is closed');
  const byRule = decided?.type === 'approval.decided' && decided.rule !== undefined;
  if (byRule && ruleOf(marker) !== (isAllowed ? 'allow' : 'deny')) wrong.push('no rule says so');
  if (!byRule && ruleOf(marker) !== 'ask') wrong.push('a rule decides it, and it did not');
  if (decided !== undefined && isAllowed === false && types.includes('finished'))
    wrong.push('it was refused, and has finished');
  return wrong;
}

/** Whatever happens: one ending each, and receipts in their order. */
const ENDINGS: ReadonlySet<string> = new Set([
  'closed',
  'decided, closed',
  'decided, delivered',
  'decided, delivered, finished',
  // Its agent had it, or not: with the keeper went who could say.
  'decided, finished',
  'decided',
]);

function toldWrongs(events: readonly About[], told: readonly Told[]): string[] {
  const decided = events.find((event) => event.type === 'approval.decided');
  const winner = decided?.type === 'approval.decided' ? decided.commandId : undefined;
  const closed = events.find((event) => event.type === 'approval.closed');
  const isExpired = closed?.type === 'approval.closed' && closed.reason === 'expired';
  return told.flatMap(({ outcome, commandId, isForeign, by }) => {
    if (by === 'viewer') return outcome === 'notAllowed' ? [] : [`a viewer was told ${outcome}`];
    switch (outcome) {
      case 'decided':
        return commandId === winner ? [] : ['two surfaces were told that they decided it'];
      case 'superseded':
        return commandId === winner ? ['who decided it was told that another did'] : [];
      case 'expired':
        return isExpired ? [] : ['it was told to have expired, and has not'];
      case 'notThisCall':
        return isForeign ? [] : ['the call that was shown was told to be another'];
      default:
        return [`a decision was answered with ${outcome}`];
    }
  });
}

/** How often each thing happened, to see that a run is about what it is meant to be about. */
export function tally(
  events: readonly SessionEvent[],
  deeds: Deeds,
  told: readonly Told[],
): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const event of events) {
    if (event.type === 'approval.closed') count(`closed: ${event.reason}`);
    else if (event.type === 'approval.decided') count(event.rule ? 'decided by a rule' : 'decided');
    else if (event.type.startsWith('approval.')) count(event.type.slice('approval.'.length));
  }
  const decided = new Set(
    events.flatMap((each) => (each.type === 'approval.decided' ? [each.approvalId] : [])),
  );
  for (const event of events)
    if (event.type === 'approval.closed' && decided.has(event.approvalId))
      count('decided, and called back');
  for (const _ of deeds.ran) count('run');
  for (const { outcome } of told) count(`told: ${outcome}`);
  return counts;
}
