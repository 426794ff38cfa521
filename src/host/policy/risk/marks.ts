import type { Risk, RiskLevel, RiskMarkKind } from '../../../protocol/approval/approval.ts';

/** One thing that may go wrong, how badly, and what of the call it is about. */
export interface Mark {
  readonly kind: RiskMarkKind;
  readonly level: RiskLevel;
  readonly about: string;
}

const ORDER: readonly RiskLevel[] = ['low', 'elevated', 'high', 'highest'];
const MAX_MARKS = 40;

/** The worst of the marks is the call's level. Each thing is said once, the worst first. */
export function riskFrom(marks: readonly Mark[]): Risk {
  const worst = [...marks].sort((a, b) => rank(b.level) - rank(a.level));
  const said = new Map(worst.map(({ kind, about }) => [`${kind}\0${about}`, { kind, about }]));
  return { level: worst[0]?.level ?? 'low', marks: [...said.values()].slice(0, MAX_MARKS) };
}

function rank(level: RiskLevel): number {
  return ORDER.indexOf(level);
}
