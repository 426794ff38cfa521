import type { DatabasePages } from './database-pages.ts';
import {
  childrenOf,
  INDEX_INTERIOR,
  INDEX_LEAF,
  kindOf,
  rowsOn,
  TABLE_INTERIOR,
  TABLE_LEAF,
  type Row,
  type Value,
} from './records.ts';

/** Deeper than any tree: a page that leads back to itself ends here. */
const MAX_DEPTH = 20;

/** All rows of a table, or null when one of its pages, or one on the way there, is not whole. */
export function wholeTable(pages: DatabasePages, name: string): Value[][] | null {
  const root = rootOf(pages, name);
  return root === null
    ? null
    : (rowsBelow(pages, root, 0)?.map(({ values }) => [...values]) ?? null);
}

/** Whether the page with a table's newest rows can be read. */
export function isEndWhole(pages: DatabasePages, name: string): boolean {
  let page = rootOf(pages, name);
  for (let depth = 0; page !== null && depth < MAX_DEPTH; depth += 1) {
    const bytes = pages.read(page);
    if (bytes === null) return false;
    if (kindOf(bytes, page) === TABLE_LEAF) {
      const { rows, count } = rowsOn(pages, bytes, page);
      return rows.length === count;
    }
    if (kindOf(bytes, page) !== TABLE_INTERIOR) return false;
    page = childrenOf(bytes, page).at(-1)?.page ?? null;
  }
  return false;
}

function rootOf(pages: DatabasePages, name: string): number | null {
  for (const { values } of rowsBelow(pages, 1, 0) ?? []) {
    const [type, itsName, , root] = values;
    if (type === 'table' && itsName === name && typeof root === 'number') return root;
  }
  return null;
}

function rowsBelow(pages: DatabasePages, page: number, depth: number): Row[] | null {
  const bytes = pages.read(page);
  if (bytes === null || depth > MAX_DEPTH) return null;
  const kind = kindOf(bytes, page);
  const all: Row[] = [];
  if (kind === TABLE_LEAF || kind === INDEX_LEAF || kind === INDEX_INTERIOR) {
    const { rows, count } = rowsOn(pages, bytes, page);
    if (rows.length !== count) return null;
    all.push(...rows);
  } else if (kind !== TABLE_INTERIOR) return null;
  if (kind === TABLE_LEAF || kind === INDEX_LEAF) return all;
  for (const child of childrenOf(bytes, page)) {
    const below = rowsBelow(pages, child.page, depth + 1);
    if (below === null) return null;
    all.push(...below);
  }
  return all;
}
