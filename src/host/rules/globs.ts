/** More wildcards than these take too long to compare with a name that was made for that. */
const MAX_STARS_IN_NAME = 4;
const MAX_STARS = 16;
const MAX_DOUBLE_STARS = 4;
const MAX_BRACE_DEPTH = 2;
const MAX_ALTERNATIVES = 100;

/** Why a glob cannot be used, or null: only `*`, `**`, `?`, `{a,b}`, `[a-z]` and `\` mean something. */
export function globProblem(glob: string): string | null {
  if (glob.startsWith('!')) return 'must not begin with "!": say what matches, not what does not';
  if (/[@!?+*]\(/.test(glob)) return 'holds a pattern in ( ): use {a,b} instead';
  return bracketsProblem(glob) ?? starsProblem(glob);
}

function bracketsProblem(glob: string): string | null {
  let depth = 0;
  let alternatives = 1;
  for (let i = 0; i < glob.length; i += 1) {
    const character = glob[i];
    if (character === '\\') {
      i += 1;
      if (i >= glob.length) return 'ends with a "\\" that stands for nothing';
    } else if (character === '[') {
      const end = glob.indexOf(']', i + 2);
      const inside = glob.slice(i + 1, end);
      if (end === -1 || inside.includes('/')) return 'holds a "[" without its "]"';
      if (/\[[:.=]/.test(inside)) return 'holds a "[[:…": list the letters instead';
      if (isBackwards(inside)) return `holds the range "[${inside}]", which runs backwards`;
      i = end;
    } else if (character === '{') {
      depth += 1;
      if (depth > MAX_BRACE_DEPTH) return `holds braces more than ${MAX_BRACE_DEPTH} deep`;
    } else if (character === '}') {
      depth -= 1;
      if (depth < 0) return 'holds a "}" without its "{"';
    } else if (character === ',' && depth > 0) {
      alternatives += 1;
      if (alternatives > MAX_ALTERNATIVES)
        return `holds more than ${MAX_ALTERNATIVES} alternatives in { }`;
    } else if (character === '.' && depth > 0 && glob[i + 1] === '.')
      return 'holds a range in { }: list the names instead';
  }
  return depth === 0 ? null : 'holds a "{" without its "}"';
}

function isBackwards(inside: string): boolean {
  return [...inside.matchAll(/(.)-(.)/gu)].some(([, from = '', to = '']) => from > to);
}

function starsProblem(glob: string): string | null {
  const names = glob.split(/[\\/]/);
  const stars = names.map((name) => name.match(/\*+/g)?.length ?? 0);
  const doubles = glob.match(/\*\*+/g)?.length ?? 0;
  const isTooMuch =
    doubles > MAX_DOUBLE_STARS ||
    stars.some((count) => count > MAX_STARS_IN_NAME) ||
    stars.reduce((sum, count) => sum + count, 0) > MAX_STARS;
  return isTooMuch
    ? `holds too many "*" to be compared in time (at most ${MAX_STARS_IN_NAME} in a name, ${MAX_DOUBLE_STARS} "**" in all)`
    : null;
}
