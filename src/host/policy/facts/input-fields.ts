import type { PathAct } from './call-facts.ts';
import { list } from '../shell/tool.ts';

/**
 * What the fields of a tool's input mean, over all agents: Claude Code, Codex, OpenCode, Gemini CLI,
 * and the usual names besides. A field that is not here makes the call's paths and hosts unknown.
 */
export const COMMAND_FIELDS: ReadonlySet<string> = new Set([
  'command',
  'cmd',
  'commandline',
  'script',
]);

export const FOLDER_FIELDS: ReadonlySet<string> = new Set([
  'cwd',
  'workdir',
  'workingdirectory',
  'dir_path',
]);

export const URL_FIELDS: ReadonlySet<string> = new Set(['url', 'uri', 'urls']);

/** `kind`: as the call's own kind says, an edit writes and the rest read. */
export const PATH_FIELDS: ReadonlyMap<string, PathAct | 'kind'> = new Map([
  ['file_path', 'kind'],
  ['filepath', 'kind'],
  ['path', 'kind'],
  ['paths', 'kind'],
  ['notebook_path', 'kind'],
  ['absolute_path', 'kind'],
  ['filename', 'kind'],
  ['file', 'kind'],
  ['files', 'kind'],
  ['directory', 'kind'],
  ['directories', 'kind'],
  ['parentdir', 'kind'],
  ['target_file', 'write'],
  ['source', 'move'],
  ['destination', 'move'],
  ['old_path', 'move'],
  ['new_path', 'move'],
  ['movepath', 'move'],
  ['move_path', 'move'],
]);

/** Patches in the form of Codex and OpenCode, whose lines name the files that they change. */
export const PATCH_FIELDS: ReadonlySet<string> = new Set([
  'patch',
  'patchtext',
  'patch_text',
  'diff',
]);

/** Text that nothing acts on: what is written into a file, what a person reads, how long to wait. */
export const TEXT_FIELDS: ReadonlySet<string> = list(`
  content contents new_string old_string newstring oldstring new_source newtext oldtext
  edits text file_text insert_text new_str old_str description explanation reason title
  justification instruction timeout timeout_ms limit offset line head_limit format type
  status additions deletions edit_mode cell_id cell_type replace_all replaceall
  expected_replacements output_mode multiline pattern glob include query prompt
  run_in_background is_background relativepath action before after
`);
