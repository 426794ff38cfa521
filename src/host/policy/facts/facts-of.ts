import type { ApprovalKind } from '../../../protocol/approval/approval.ts';
import type { PathWorld } from '../paths/path-world.ts';
import { realOf } from '../paths/resolve.ts';
import type { AskedCall, CallPlace } from '../policy.ts';
import { readCommandLine } from '../shell/read-command-line.ts';
import { MAX_COMMANDS, MAX_TEXT_CHARS } from './bounds.ts';
import type { CallFacts, PathAct } from './call-facts.ts';
import type { CallShape } from './call-shape.ts';
import { commandFacts } from './command-facts.ts';
import { FactsDraft } from './facts-draft.ts';
import { hostsIn } from './hosts.ts';
import {
  COMMAND_FIELDS,
  FOLDER_FIELDS,
  PATCH_FIELDS,
  PATH_FIELDS,
  TEXT_FIELDS,
  URL_FIELDS,
} from './input-fields.ts';
import { leavesOf, type InputLeaf } from './input-walk.ts';
import { mcpOf } from './mcp.ts';
import { patchPaths } from './patch-paths.ts';

const ACTS: Readonly<Partial<Record<ApprovalKind, PathAct>>> = {
  edit: 'write',
  delete: 'delete',
  move: 'move',
};
/** Marks that turn the direction of text, by which code reads otherwise than it runs. */
const TURNS_TEXT = /[\u202a-\u202e\u2066-\u2069]/u;
const CONTENT_CHARS = 1024 * 1024;

/** What a call would do, as far as it says. Reads links of its paths, and nothing else. */
export function factsOf(
  asked: AskedCall,
  place: CallPlace,
  shape: CallShape,
  world: PathWorld,
): CallFacts {
  const { kind, title, call } = asked;
  const cwd = realOf(place.cwd, world) ?? place.cwd;
  const mcp = mcpOf(asked, shape);
  const { leaves, whole } = leavesOf(call.input);
  const draft = new FactsDraft(cwd, world);
  if (!whole) draft.cannotTell('its input is too large to look at');

  const told = shape.titleIsCommand;
  const texts = told !== undefined && kind === 'execute' ? [title] : [];
  for (const leaf of leaves) if (isCommand(leaf, mcp !== null)) texts.push(...commandTexts(leaf));
  if (told !== undefined && kind === 'execute') draft.runIn(folderTold(leaves, told.folder));
  for (const leaf of leaves) if (FOLDER_FIELDS.has(leaf.field)) draft.runIn(leaf.value);

  for (const leaf of leaves) addLeaf(leaf, ACTS[kind] ?? 'read', draft, kind);
  for (const { path, newText, oldText } of call.diff) {
    draft.addPath(path, newText === '' && (oldText ?? '') !== '' ? 'delete' : 'write');
    if (TURNS_TEXT.test(newText.slice(0, CONTENT_CHARS)))
      draft.deceptions.push(`text that turns its direction, in ${path}`);
  }
  for (const { path } of call.locations) draft.addPath(path, ACTS[kind] ?? 'read');

  if (texts.length > MAX_COMMANDS) draft.cannotTell('it holds too many commands');
  const commands = texts
    .slice(0, MAX_COMMANDS)
    .map((text) => readCommandLine(text, { windows: world.windows }));
  for (const line of commands) commandFacts(line, draft);
  if (mcp !== null) draft.doesNotTell('paths', 'hosts');
  if (kind === 'execute' && commands.length === 0 && mcp === null)
    draft.cannotTell('it does not say which command it runs');
  if (mcp === null && /mcp/iu.test(call.tool)) draft.doesNotTell('mcp');

  draft.mention(call.tool);
  if (told !== undefined) draft.mention(title);
  return draft.facts({ kind, tool: call.tool, commands, mcp });
}

function addLeaf(leaf: InputLeaf, act: PathAct, draft: FactsDraft, kind: ApprovalKind): void {
  const { field, value } = leaf;
  const values = typeof value === 'string' ? [value] : value;
  const pathAct = PATH_FIELDS.get(field);
  if (COMMAND_FIELDS.has(field) || FOLDER_FIELDS.has(field)) draft.mention(...values);
  else if (pathAct !== undefined) {
    for (const each of values) draft.addPath(each, pathAct === 'kind' ? act : pathAct);
  } else if (URL_FIELDS.has(field)) for (const each of values) draft.addUrl(each);
  else if (PATCH_FIELDS.has(field))
    for (const each of values)
      for (const { path, act: does } of patchPaths(each)) draft.addPath(path, does);
  else if (!TEXT_FIELDS.has(field)) {
    draft.mention(...values);
    // A switch that is on says no path.
    if (values.some((each) => each !== '')) draft.doesNotTell('paths', 'hosts');
    for (const each of values) draft.addHosts(hostsIn(each.slice(0, MAX_TEXT_CHARS)));
  } else if (kind === 'fetch')
    for (const each of values) draft.addHosts(hostsIn(each.slice(0, MAX_TEXT_CHARS)));
}

function isCommand({ field, within }: InputLeaf, isMcp: boolean): boolean {
  return !isMcp && within.length === 0 && COMMAND_FIELDS.has(field);
}

/** A list is the words of one command, as it reaches the system. */
function commandTexts({ value }: InputLeaf): string[] {
  if (typeof value === 'string') return [value];
  return value.length === 0 ? [] : [value.map(quoted).join(' ')];
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function folderTold(leaves: readonly InputLeaf[], [before, after]: readonly [string, string]) {
  for (const { field, value } of leaves) {
    if (field !== 'text' || typeof value !== 'string' || !value.startsWith(before)) continue;
    const end = value.indexOf(after, before.length);
    if (end !== -1) return value.slice(before.length, end);
  }
  return null;
}
