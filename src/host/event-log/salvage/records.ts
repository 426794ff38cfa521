import { PAGE_BYTES, type DatabasePages } from './database-pages.ts';

/** b-tree pages and records: https://www.sqlite.org/fileformat2.html#b_tree_pages */
export const TABLE_LEAF = 0x0d;
export const TABLE_INTERIOR = 0x05;
export const INDEX_LEAF = 0x0a;
export const INDEX_INTERIOR = 0x02;

export type Value = null | number | string;

export interface Row {
  /** Of a table; 0 in an index. */
  readonly rowid: number;
  readonly values: readonly Value[];
}

/** Longer than any row of ours; a length that is damaged is mostly larger. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;
/** The first page begins with the file's own header. */
const FILE_HEADER_BYTES = 100;

export function kindOf(bytes: Buffer, page: number): number {
  return bytes[startOf(page)] ?? 0;
}

/**
 * The rows on one page, those that cannot be read left out, and how many there are by the page's
 * own count. Of an interior page of an index too: there rows lie on every level.
 */
export function rowsOn(
  pages: DatabasePages,
  bytes: Buffer,
  page: number,
): { rows: Row[]; count: number } {
  const kind = kindOf(bytes, page);
  const cells = cellsOf(bytes, page);
  const rows = cells.flatMap((at) => rowAt(pages, bytes, at, kind) ?? []);
  return { rows: kind === TABLE_LEAF ? ascending(rows) : rows, count: cells.length };
}

/** Rows lie in the order of their ids: one that does not fit has a damaged id, and is left out. */
function ascending(rows: Row[]): Row[] {
  if (rows.every((row, i) => i === 0 || row.rowid > (rows[i - 1]?.rowid ?? 0))) return rows;
  // The longest rising run of ids, each row pointing at the one before it.
  const ends: number[] = [];
  const before: number[] = [];
  for (const [i, { rowid }] of rows.entries()) {
    const found = ends.findIndex((end) => (rows[end]?.rowid ?? 0) >= rowid);
    const length = found === -1 ? ends.length : found;
    before[i] = ends[length - 1] ?? -1;
    ends[length] = i;
  }
  const kept: Row[] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i] ?? -1) kept.push(...rows.slice(i, i + 1));
  return kept.toReversed();
}

/** Pages below an interior page, left to right, with the largest rowid of each but the last. */
export function childrenOf(bytes: Buffer, page: number): { page: number; upTo: number | null }[] {
  const isTable = kindOf(bytes, page) === TABLE_INTERIOR;
  const children: { page: number; upTo: number | null }[] = cellsOf(bytes, page).flatMap((at) => {
    if (at + 5 > PAGE_BYTES) return [];
    const upTo = isTable ? (varint(bytes, at + 4)?.value ?? null) : null;
    return [{ page: bytes.readUInt32BE(at), upTo }];
  });
  return [...children, { page: bytes.readUInt32BE(startOf(page) + 8), upTo: null }];
}

function startOf(page: number): number {
  return page === 1 ? FILE_HEADER_BYTES : 0;
}

function cellsOf(bytes: Buffer, page: number): number[] {
  const start = startOf(page);
  const kind = kindOf(bytes, page);
  const first = start + (kind === TABLE_INTERIOR || kind === INDEX_INTERIOR ? 12 : 8);
  const count = Math.min(bytes.readUInt16BE(start + 3), Math.floor((PAGE_BYTES - first) / 2));
  return Array.from({ length: count }, (_, i) => bytes.readUInt16BE(first + 2 * i));
}

function rowAt(pages: DatabasePages, bytes: Buffer, cell: number, kind: number): Row | null {
  const isTable = kind === TABLE_LEAF;
  const start = cell + (kind === INDEX_INTERIOR ? 4 : 0);
  const size = varint(bytes, start);
  if (size === null || size.value > MAX_ROW_BYTES) return null;
  const rowid = isTable ? varint(bytes, size.next) : { value: 0, next: size.next };
  if (rowid === null) return null;
  const payload = payloadAt(pages, bytes, rowid.next, size.value, isTable);
  const values = payload === null ? null : valuesOf(payload);
  return values === null ? null : { rowid: rowid.value, values };
}

/** What lies on the page itself, and the rest of a long one from page to page. */
function payloadAt(
  pages: DatabasePages,
  bytes: Buffer,
  at: number,
  size: number,
  isTable: boolean,
): Buffer | null {
  const mostHere = isTable ? PAGE_BYTES - 35 : Math.floor(((PAGE_BYTES - 12) * 64) / 255) - 23;
  if (size <= mostHere) return at + size <= PAGE_BYTES ? bytes.subarray(at, at + size) : null;
  const least = Math.floor(((PAGE_BYTES - 12) * 32) / 255) - 23;
  const even = least + ((size - least) % (PAGE_BYTES - 4));
  const here = even <= mostHere ? even : least;
  if (at + here + 4 > PAGE_BYTES) return null;
  const parts = [bytes.subarray(at, at + here)];
  let next = bytes.readUInt32BE(at + here);
  for (let left = size - here; left > 0;) {
    const page = pages.read(next);
    if (page === null) return null;
    const part = page.subarray(4, 4 + Math.min(left, PAGE_BYTES - 4));
    parts.push(part);
    left -= part.length;
    next = page.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function valuesOf(payload: Buffer): Value[] | null {
  const header = varint(payload, 0);
  if (header === null || header.value > payload.length) return null;
  const values: Value[] = [];
  let at = header.value;
  for (let next = header.next; next < header.value;) {
    const type = varint(payload, next);
    if (type === null) return null;
    next = type.next;
    const bytes = bytesOf(type.value);
    if (bytes === null || at + bytes > payload.length) return null;
    values.push(valueAt(payload, at, type.value, bytes));
    at += bytes;
  }
  return values;
}

const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;

function bytesOf(type: number): number | null {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return INTEGER_BYTES[type] ?? null;
}

function valueAt(payload: Buffer, at: number, type: number, bytes: number): Value {
  if (type === 0) return null;
  if (type === 7) return payload.readDoubleBE(at);
  if (type === 8 || type === 9) return type - 8;
  if (type < 7)
    return bytes === 8 ? Number(payload.readBigInt64BE(at)) : payload.readIntBE(at, bytes);
  return payload.toString(type % 2 === 1 ? 'utf8' : 'latin1', at, at + bytes);
}

/** Up to nine bytes, seven bits each, the ninth with eight. */
function varint(bytes: Buffer, at: number): { value: number; next: number } | null {
  let value = 0;
  for (let i = 0; i < 9; i += 1) {
    const byte = bytes[at + i];
    if (byte === undefined) return null;
    if (i === 8) return { value: value * 256 + byte, next: at + 9 };
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return { value, next: at + i + 1 };
  }
  return null;
}
