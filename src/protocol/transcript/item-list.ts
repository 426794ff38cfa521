import type { TranscriptItem } from './item.ts';

const PAGE_BITS = 8;
const PAGE = 1 << PAGE_BITS;

/**
 * A list that never changes; a changed copy shares all pages but the changed ones, so that growing
 * the last of 100,000 items copies some hundred pointers and not 100,000.
 */
export class ItemList implements Iterable<TranscriptItem> {
  static readonly empty = new ItemList([], 0);
  /** All full but the last. */
  readonly pages: readonly (readonly TranscriptItem[])[];
  readonly length: number;

  constructor(pages: readonly (readonly TranscriptItem[])[], length: number) {
    this.pages = pages;
    this.length = length;
  }

  at(index: number): TranscriptItem | undefined {
    return this.pages[index >> PAGE_BITS]?.[index & (PAGE - 1)];
  }

  *[Symbol.iterator](): Generator<TranscriptItem> {
    for (const page of this.pages) yield* page;
  }

  toArray(): TranscriptItem[] {
    return this.pages.flat();
  }
}

/** Changes to a list, made in place on pages of its own until `done`. */
export class ItemListDraft {
  readonly #pages: (readonly TranscriptItem[])[];
  readonly #own = new Map<number, TranscriptItem[]>();
  #length: number;

  constructor(base: ItemList) {
    this.#pages = [...base.pages];
    this.#length = base.length;
  }

  get length(): number {
    return this.#length;
  }

  at(index: number): TranscriptItem | undefined {
    return this.#pages[index >> PAGE_BITS]?.[index & (PAGE - 1)];
  }

  last(): TranscriptItem | undefined {
    return this.at(this.#length - 1);
  }

  /** Returns its position. */
  push(item: TranscriptItem): number {
    const position = this.#length;
    this.#ownPage(position >> PAGE_BITS).push(item);
    this.#length += 1;
    return position;
  }

  set(index: number, item: TranscriptItem): void {
    this.#ownPage(index >> PAGE_BITS)[index & (PAGE - 1)] = item;
  }

  done(): ItemList {
    this.#own.clear();
    return new ItemList(this.#pages, this.#length);
  }

  #ownPage(number: number): TranscriptItem[] {
    let page = this.#own.get(number);
    if (page === undefined) {
      page = [...(this.#pages[number] ?? [])];
      this.#own.set(number, page);
      this.#pages[number] = page;
    }
    return page;
  }
}
