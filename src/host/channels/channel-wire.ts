import type { guardedPost } from '../../outbound/guarded-post.ts';

export const CHANNEL_LIMIT_MS = 10_000;

/** What ntfy and webhook share. */
export interface ChannelWire {
  allowHosts(): readonly string[];
  /** Where the phone's page is, without any secret; null: nowhere that another machine can open. */
  page(): string | null;
  now(): Date;
  readonly post?: typeof guardedPost;
}
