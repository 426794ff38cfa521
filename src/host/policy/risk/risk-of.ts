import type { Risk, RiskLevel, RiskMarkKind } from '../../../protocol/approval/approval.ts';
import type { CallFacts } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { isWithin } from '../paths/resolve.ts';

/** What may go wrong with a call. */
export function riskOf(facts: CallFacts, world: PathWorld): Risk {
  const marks: { kind: RiskMarkKind; about: string; level: RiskLevel }[] = [];
  for (const { act, written, forms } of facts.paths)
    if (!forms.every((form) => isWithin(form, facts.cwd, world)))
      marks.push({
        kind: 'outsideWorkspace',
        about: written,
        level: act === 'read' ? 'elevated' : 'high',
      });
  const order: readonly RiskLevel[] = ['low', 'elevated', 'high', 'highest'];
  const level = marks.reduce<RiskLevel>(
    (most, mark) => (order.indexOf(mark.level) > order.indexOf(most) ? mark.level : most),
    'low',
  );
  return { level, marks: marks.map(({ kind, about }) => ({ kind, about })) };
}
