import type { Risk } from '../../../protocol/approval/approval.ts';
import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { commandRisks } from './command-risks.ts';
import { riskFrom, type Mark } from './marks.ts';
import { pathRisks } from './path-risks.ts';

/** What may go wrong with a call. `own`: what of it touches Porchlight itself. */
export function riskOf(facts: CallFacts, own: readonly string[], world: PathWorld): Risk {
  const marks: Mark[] = [
    ...own.map((about): Mark => ({ kind: 'porchlight', level: 'highest', about })),
    ...facts.opaque.map((about): Mark => ({ kind: 'unreadable', level: 'high', about })),
    ...facts.deceptions.map((about): Mark => ({ kind: 'lookAlike', level: 'high', about })),
    ...pathRisks(facts, world),
    ...commandRisks(facts, world),
  ];
  for (const { host, port } of facts.hosts)
    marks.push({
      kind: 'network',
      level: 'elevated',
      about: port === null || port === 443 || port === 80 ? host : `${host}:${port}`,
    });
  if (facts.kind === 'fetch' && facts.hosts.length === 0)
    marks.push({ kind: 'network', level: 'elevated', about: facts.tool });
  return riskFrom(marks);
}
