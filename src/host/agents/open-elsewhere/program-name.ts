/** What to look for among the running programs. */
export interface Sought {
  readonly programs: readonly string[];
  /** Runs of them whose first argument is one of these are not meant. */
  readonly besides: readonly string[];
}

const INTERPRETERS: ReadonlySet<string> = new Set(['node', 'bun', 'deno', 'nodejs']);
const ENDINGS = /\.(exe|cmd|bat|ps1|js|mjs|cjs|ts)$/i;

/**
 * Whether a process is one of these programs: by the name it runs under, by its executable, or, of
 * a script, by the script's.
 */
export function isSought(
  { programs, besides }: Sought,
  { name, args }: { readonly name: string | null; readonly args: readonly string[] },
): boolean {
  const isProgram = (path: string): boolean => programs.includes(bare(path));
  const [executable = ''] = args;
  const scriptAt = INTERPRETERS.has(bare(executable))
    ? args.findIndex((arg, index) => index > 0 && !arg.startsWith('-'))
    : -1;
  const script = args[scriptAt];
  if (script !== undefined && isProgram(script)) return !besides.includes(args[scriptAt + 1] ?? '');
  const isMeant = (name !== null && isProgram(name)) || isProgram(executable);
  return isMeant && !besides.includes(args[1] ?? '');
}

function bare(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? '').replace(ENDINGS, '');
}
