const INTERPRETERS: ReadonlySet<string> = new Set(['node', 'bun', 'deno', 'nodejs']);
const ENDINGS = /\.(exe|cmd|bat|ps1|js|mjs|cjs|ts)$/i;

/**
 * Whether a process is one of these programs: by the name it runs under, by its executable, or, of
 * a script, by the script's.
 */
export function isNamed(
  names: readonly string[],
  { name, args }: { readonly name: string | null; readonly args: readonly string[] },
): boolean {
  const [first = '', ...rest] = args;
  const executable = bare(first);
  const script = INTERPRETERS.has(executable)
    ? bare(rest.find((arg) => !arg.startsWith('-')) ?? '')
    : null;
  return [name === null ? null : bare(name), executable, script].some(
    (each) => each !== null && each !== '' && names.includes(each),
  );
}

function bare(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? '').replace(ENDINGS, '');
}
