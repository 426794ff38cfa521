const TITLE_CHARS = 200;

/** For words around it; a title may be a whole command. */
export function shortTitle(title: string): string {
  if (title.length <= TITLE_CHARS) return title;
  return `${title.slice(0, TITLE_CHARS).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}
