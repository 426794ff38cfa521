import type { RiskLevel } from '../../../protocol/approval/approval.ts';
import type { CallFacts, PathFact } from '../facts/call-facts.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { isWithin } from '../paths/resolve.ts';
import type { Mark } from './marks.ts';
import { isControlSocket, isNothing, isObeyed, isSecret, isTemporary } from './sensitive-paths.ts';

/** What the paths of a call may do harm by. */
export function pathRisks(facts: CallFacts, world: PathWorld): Mark[] {
  return facts.paths.flatMap((path) => onePath(path, facts, world));
}

function onePath(path: PathFact, { cwd }: CallFacts, world: PathWorld): Mark[] {
  const { act, written: about, forms } = path;
  if (forms.every(isNothing)) return [];
  const marks: Mark[] = [];
  const isOutside = forms.some((form) => !isWithin(form, cwd, world));
  if (isOutside) marks.push({ kind: 'outsideWorkspace', about, level: outside(path) });
  if (forms.some((form) => isSecret(form, world)))
    marks.push({ kind: 'secrets', about, level: 'high' });
  if (act !== 'read' && forms.some((form) => isObeyed(form, world)))
    marks.push({ kind: 'privilege', about, level: 'high' });
  if (forms.some(isControlSocket)) marks.push({ kind: 'privilege', about, level: 'high' });
  if (act === 'delete')
    marks.push({ kind: 'deletes', about, level: deleting(path, isOutside, cwd, world) });
  return marks;
}

function outside({ act, forms }: PathFact): RiskLevel {
  return act === 'read' || forms.every(isTemporary) ? 'elevated' : 'high';
}

/** The workspace itself, what is above it, and its history are more than a file of it. */
function deleting(
  { forms }: PathFact,
  isOutside: boolean,
  cwd: string,
  world: PathWorld,
): RiskLevel {
  const isAll = forms.some(
    (form) => isWithin(cwd, form, world) || /[/\\]\.git(?:[/\\]|$)/u.test(form),
  );
  return isAll || (isOutside && !forms.every(isTemporary)) ? 'high' : 'elevated';
}
