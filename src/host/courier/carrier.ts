import type { Posted } from '../../outbound/guarded-post.ts';
import type { Notice, Outlet } from '../attention/notice.ts';

/** One try at a place. */
export type Carried =
  | { readonly kind: 'handed'; readonly status: number | null }
  | {
      /** Later it may go well. */
      readonly kind: 'again';
      readonly status: number | null;
      readonly problem: string;
      /** What the other end asked for. */
      readonly afterMs: number | null;
      /** It may have been taken all the same. */
      readonly mayBeThere: boolean;
    }
  /** `tooLarge`: a shorter one may pass. `gone`: the place is no more. `never`: this one will not pass. */
  | {
      readonly kind: 'tooLarge' | 'gone' | 'never';
      readonly status: number | null;
      readonly problem: string;
    };

/** How one place is given things. Neither throws nor hangs. */
export interface Carrier {
  readonly outlet: Outlet;
  /** A device's name, a server's. Never an address with a secret in it. */
  readonly name: string;
  show(notice: Notice, badge: number, isShort: boolean): Promise<Carried>;
  /**
   * `sinceMs`: since when it is wanted; the same for every try of the same ids. `rounds`: of each id the
   * last that is taken back; null: not known.
   */
  withdraw(
    ids: readonly string[],
    badge: number,
    sinceMs: number,
    rounds?: readonly number[] | null,
  ): Promise<Carried>;
}

/** What an answer over HTTP means. `410` and `404` are for the caller: not everywhere is that the end. */
export function carriedOf(posted: Posted, server: string): Carried {
  if (posted.kind === 'refused')
    return {
      ...{ kind: 'again', status: null, problem: posted.problem, afterMs: null },
      mayBeThere: false,
    };
  if (posted.kind === 'silent')
    return {
      ...{ kind: 'again', status: null, problem: posted.problem, afterMs: null },
      mayBeThere: true,
    };
  const { status, retryAfterMs } = posted;
  if (status >= 200 && status < 300) return { kind: 'handed', status };
  if (status === 413)
    return { kind: 'tooLarge', status, problem: `${server} found it too large (413).` };
  if ([408, 425, 429].includes(status) || status >= 500)
    return {
      ...{ kind: 'again', status, afterMs: retryAfterMs, mayBeThere: false },
      problem: `${server} could not take it now (${status}).`,
    };
  return { kind: 'never', status, problem: `${server} refused it (${status}).` };
}
