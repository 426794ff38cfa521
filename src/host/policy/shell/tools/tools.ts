import { list, type Tool } from '../tool.ts';
import { FILE_TOOLS } from './file-tools.ts';

/** What passes with a program that we know nothing about. */
export const GENERIC: Tool = {
  flags: list(`-v -vv -q -h -V --verbose --quiet --silent --help --version --color --no-color
    --json --dry-run --no-progress`),
  operands: ({ begins, source }) =>
    /^[@+]|^[A-Za-z_]\w*=/.test(begins) ? `${source} may be more than a name` : null,
};

export const TOOLS: ReadonlyMap<string, Tool> = new Map([...FILE_TOOLS]);
