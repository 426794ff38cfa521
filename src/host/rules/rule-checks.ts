import { isAbsolute } from 'node:path';
import type { Rule } from '../../protocol/rules/rule.ts';
import { globProblem } from './globs.ts';

/** What is wrong with one field of a rule, in words that go on after its name. */
export interface RuleFault {
  readonly key: keyof Rule;
  readonly words: string;
}

const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/u;
const HOST =
  /^(?:\*\.)?(?:[a-z\d](?:[a-z\d-]*[a-z\d])?)(?:\.[a-z\d](?:[a-z\d-]*[a-z\d])?)*(?::(\d{1,5}))?$/i;
const HOST_V6 = /^\[[\da-f:.]+\](?::(\d{1,5}))?$/i;
const MCP = /^[^\s/*]+\/(?:\*|[^\s*]+)$/;

/** Whether a command line can be read word by word: words about why not, or null. */
export type CommandProblem = (command: string) => string | null;

/** What the schema cannot say about a rule; empty for a good one. */
export function faultsOf(rule: Rule, commandProblem: CommandProblem): RuleFault[] {
  const faults: RuleFault[] = [];
  const add = (key: keyof Rule, words: string | null): void => {
    if (words !== null) faults.push({ key, words });
  };
  const { command, path, host, mcp, branch, folder } = rule;
  for (const [key, text] of Object.entries({ command, path, host, mcp, branch, folder }))
    if (text !== undefined && CONTROL.test(text))
      add(key as keyof Rule, 'holds a character that cannot be seen');
  if (faults.length > 0) return faults;
  if (command !== undefined) add('command', commandProblem(command));
  if (path !== undefined) add('path', pathProblem(path));
  if (branch !== undefined) add('branch', globProblem(branch));
  if (host !== undefined) add('host', hostProblem(host));
  if (mcp !== undefined && !MCP.test(mcp)) add('mcp', 'must be "server/tool" or "server/*"');
  if (folder !== undefined) add('folder', folderProblem(folder));
  if (rule.fresh === true && rule.decision !== 'ask')
    add('fresh', 'goes only with "decision": "ask", since otherwise nobody decides');
  return faults;
}

function pathProblem(path: string): string | null {
  if (path.split(/[\\/]/).includes('..'))
    return 'must not hold "..": links and ".." of a call are resolved before it is compared';
  if (path.startsWith('~') && path !== '~' && !/^~[\\/]/.test(path))
    return 'may begin with "~/" only for your own home';
  return globProblem(path);
}

function hostProblem(host: string): string | null {
  const found = HOST.exec(host) ?? HOST_V6.exec(host);
  if (found === null)
    return 'must be a name like "example.com" or "*.example.com", with ":port" where it matters (letters beyond ASCII as xn--…)';
  return Number(found[1] ?? 1) > 65_535 || found[1] === '0' ? 'names a port that is none' : null;
}

function folderProblem(folder: string): string | null {
  if (folder.split(/[\\/]/).includes('..')) return 'must not hold ".."';
  if (folder === '~' || /^~[\\/]/.test(folder) || isAbsolute(folder)) return null;
  return 'must be absolute, or below "~/"';
}
