import type { PathAct } from './call-facts.ts';

/** Lines of a change begin with `+`, `-` or a blank: these are never content. */
const PATCH_LINE = /^\*\*\* (?:(Add|Update|Delete) File|Move to): (?<path>.+)$/gmu;
const MAX_PATCH_PATHS = 1_000;

/** Files that a patch in the form of Codex names. */
export function patchPaths(patch: string): { path: string; act: PathAct }[] {
  const found: { path: string; act: PathAct }[] = [];
  for (const match of patch.matchAll(PATCH_LINE)) {
    if (found.length >= MAX_PATCH_PATHS) break;
    const path = match.groups?.path?.trim() ?? '';
    const act = match[1] === undefined ? 'move' : match[1] === 'Delete' ? 'delete' : 'write';
    if (path !== '') found.push({ path, act });
  }
  return found;
}
