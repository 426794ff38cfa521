import type { PathWorld } from '../paths/path-world.ts';
import { pathForm } from '../paths/resolve.ts';
import type { PathAct, PathFact } from './call-facts.ts';

/** A path of a call, made ready for being compared with many rules. */
export function pathFact(
  act: PathAct,
  written: string,
  forms: readonly string[],
  named: readonly string[],
  world: PathWorld,
): PathFact {
  return {
    act,
    written,
    forms,
    real: forms.map((form) => pathForm(form, world)),
    named: named.filter((form) => !forms.includes(form)).map((form) => pathForm(form, world)),
  };
}
