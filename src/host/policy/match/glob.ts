/**
 * Globs of rules: `*`, `**`, `?`, `{a,b}`, `[a-z]`, `\` before one of these. A matcher of our own,
 * since a project's file may hold any glob: this one takes no longer than path times glob, where one
 * made of regular expressions can be made to take for ever.
 */
export interface Glob {
  matches(path: readonly string[]): boolean;
}

const MAX_ALTERNATIVES = 256;

type Token =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'one' }
  | { readonly is: 'many' }
  | { readonly is: 'class'; readonly not: boolean; readonly ranges: readonly [string, string][] };
type Segment = 'any' | readonly Token[];

/** Matches parts of a path, see `partsOf`. Null for a glob that cannot be read. */
export function compileGlob(glob: string, foldsCase: boolean): Glob | null {
  const alternatives = expandBraces(foldsCase ? glob.toLowerCase() : glob)?.map(segmentsOf);
  const good = (alternatives ?? []).filter((each) => each !== null);
  if (alternatives === undefined || good.length < alternatives.length) return null;
  return { matches: (path) => good.some((segments) => matchSegments(segments, path)) };
}

/** Whether a segment of a glob stands for itself alone. */
export function isLiteral(segment: string): boolean {
  return !/[*?[\]{}\\]/.test(segment);
}

function expandBraces(glob: string): string[] | null {
  let open = [glob];
  for (;;) {
    const next: string[] = [];
    for (const each of open) {
      const brace = innermostBrace(each);
      if (brace === null) return null;
      if (brace === 'none') next.push(each);
      else {
        const [start, end] = brace;
        for (const part of each.slice(start + 1, end).split(/(?<!\\),/))
          next.push(each.slice(0, start) + part + each.slice(end + 1));
      }
      if (next.length > MAX_ALTERNATIVES) return null;
    }
    if (next.length === open.length && next.every((each, at) => each === open[at])) return next;
    open = next;
  }
}

/** Null: one side is missing. */
function innermostBrace(glob: string): readonly [number, number] | 'none' | null {
  let start = -1;
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob[at];
    if (character === '\\') at += 1;
    else if (character === '{') start = at;
    else if (character === '}') return start === -1 ? null : [start, at];
  }
  return start === -1 ? 'none' : null;
}

function segmentsOf(glob: string): Segment[] | null {
  const segments: Segment[] = [];
  for (const part of glob.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '**') {
      if (segments.at(-1) !== 'any') segments.push('any');
      continue;
    }
    const tokens = tokensOf(part);
    if (tokens === null) return null;
    segments.push(tokens);
  }
  return segments;
}

function tokensOf(segment: string): Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < segment.length; at += 1) {
    const character = segment.charAt(at);
    if (character === '*') {
      if (tokens.at(-1)?.is !== 'many') tokens.push({ is: 'many' });
    } else if (character === '?') tokens.push({ is: 'one' });
    else if (character === '[') {
      const end = segment.indexOf(']', at + 2);
      if (end === -1) return null;
      tokens.push(classOf(segment.slice(at + 1, end)));
      at = end;
    } else {
      if (character === '\\') at += 1;
      if (at >= segment.length) return null;
      tokens.push({ is: 'text', text: segment.charAt(at) });
    }
  }
  return tokens;
}

function classOf(inside: string): Token {
  const not = /^[!^]/.test(inside);
  const body = not ? inside.slice(1) : inside;
  const ranges: [string, string][] = [];
  for (let at = 0; at < body.length; at += 1) {
    const from = body.charAt(at);
    if (body[at + 1] === '-' && at + 2 < body.length) {
      ranges.push([from, body.charAt(at + 2)]);
      at += 2;
    } else ranges.push([from, from]);
  }
  return { is: 'class', not, ranges };
}

function matchSegments(segments: readonly Segment[], path: readonly string[]): boolean {
  return matchWithStars(
    segments.length,
    path.length,
    (at) => segments[at] === 'any',
    (at, of) => {
      const segment = segments[at];
      return segment !== undefined && segment !== 'any' && matchTokens(segment, path[of] ?? '');
    },
  );
}

function matchTokens(tokens: readonly Token[], text: string): boolean {
  return matchWithStars(
    tokens.length,
    text.length,
    (at) => tokens[at]?.is === 'many',
    (at, of) => {
      const token = tokens[at];
      const character = text.charAt(of);
      switch (token?.is) {
        case 'text':
          return token.text === character;
        case 'one':
          return true;
        case 'class':
          return token.not !== token.ranges.some(([a, b]) => a <= character && character <= b);
        case 'many':
        case undefined:
          return false;
      }
    },
  );
}

/** The usual two pointers: only the last star ever needs to be gone back to. */
function matchWithStars(
  patterns: number,
  items: number,
  isStar: (pattern: number) => boolean,
  fits: (pattern: number, item: number) => boolean,
): boolean {
  let pattern = 0;
  let item = 0;
  let star = -1;
  let from = 0;
  while (item < items) {
    if (pattern < patterns && isStar(pattern)) {
      star = pattern;
      pattern += 1;
      from = item;
    } else if (pattern < patterns && fits(pattern, item)) {
      pattern += 1;
      item += 1;
    } else if (star !== -1) {
      from += 1;
      item = from;
      pattern = star + 1;
    } else return false;
  }
  while (pattern < patterns && isStar(pattern)) pattern += 1;
  return pattern === patterns;
}
