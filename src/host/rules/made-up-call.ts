import type { ParsedParams } from '../../protocol/methods.ts';
import type { Rule } from '../../protocol/rules/rule.ts';
import type { AskedCall } from '../policy/policy.ts';

type Given = Pick<
  ParsedParams<'rules.check'>,
  'kind' | 'command' | 'paths' | 'host' | 'mcp' | 'cwd'
>;

/** A call that no agent has made, in the words that agents use, for the policy to judge. */
export function madeUpCall({ kind, command, paths = [], host, mcp }: Given): AskedCall {
  const locations = paths.map((path) => ({ path }));
  const input = {
    ...(command !== undefined && { command }),
    ...(paths.length === 1 && { file_path: paths[0] }),
    ...(paths.length > 1 && { paths }),
    ...(host !== undefined && { url: host.includes('://') ? host : `https://${host}/` }),
  };
  const [server = '', ...tool] = (mcp ?? '').split('/');
  return {
    kind: kind ?? kindOf({ command, paths, host }),
    title: command ?? paths[0] ?? host ?? mcp ?? 'a call',
    call: {
      tool: mcp === undefined ? '' : `mcp__${server}__${tool.join('/')}`,
      input,
      locations,
      diff: [],
    },
  };
}

function kindOf(given: { command?: string; paths: string[]; host?: string }): AskedCall['kind'] {
  if (given.command !== undefined) return 'execute';
  if (given.paths.length > 0) return 'edit';
  return given.host === undefined ? 'other' : 'fetch';
}

/** The call that a rule names most plainly, or null where it is about many. */
export function plainestCall({ command, path, kind }: Rule): AskedCall | null {
  if (command === undefined && path === undefined) return null;
  return madeUpCall({
    cwd: '/',
    ...(kind !== undefined && { kind }),
    ...(command !== undefined && { command }),
    // Whatever stands for the wildcards: what is told is where it is.
    ...(path !== undefined && { paths: [path.replaceAll(/\*+/g, 'x')] }),
  });
}
