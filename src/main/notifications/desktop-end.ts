import type { Logger } from '../../base/log.ts';
import type { HostNotice } from '../../connection/host-client.ts';
import type { Attention } from '../../protocol/attention.ts';
import type { WindowTarget } from '../../ipc/schema.ts';
import type { HostConnection } from '../host-connection.ts';
import { DesktopNotices, type DesktopItem, type NoticeWays } from './desktop-notices.ts';

export interface DesktopEndOptions {
  readonly host: Pick<HostConnection, 'call' | 'tell'>;
  readonly ways: NoticeWays;
  readonly log: Logger;
  show(target: WindowTarget): void;
}

/** This desktop as a place that a person is told at: what the host sends there, and what comes back. */
export class DesktopEnd {
  readonly #options: DesktopEndOptions;
  readonly #notices: DesktopNotices;

  constructor(options: DesktopEndOptions) {
    const { host, ways, log, show } = options;
    this.#options = options;
    this.#notices = new DesktopNotices({
      ways,
      log,
      tell: (shown) => host.tell('desktop.shown', shown),
      open: (item) => show(targetOf(item)),
      seen: (id) =>
        void host
          .call('attention.seen', { ids: [id] })
          .catch((error: unknown) => log.info({ error: String(error) }, 'attention.seen failed')),
    });
  }

  /** The host is there, or there again; null: an older one, which tells nothing here. */
  followed(attention: Attention | null): void {
    if (attention === null) return this.#notices.closeAll();
    const asking = new Set(attention.items.map(({ id }) => id));
    // A digest stands for several, of which the host says no more which.
    this.#notices.keepOnly((id) => asking.has(id) || (id.startsWith('digest:') && asking.size > 0));
    this.#options.host
      .call('desktop.follow', {})
      .catch((error: unknown) =>
        this.#options.log.warn({ error: String(error) }, 'desktop.follow failed'),
      );
  }

  heard(notice: HostNotice): void {
    if (notice.name === 'desktop.show') this.#notices.show(notice.params);
    else if (notice.name === 'desktop.withdraw') this.#notices.withdraw(notice.params.ids);
  }

  /** Nobody would hear a click on them. */
  close(): void {
    this.#notices.closeAll();
  }
}

/** A digest is of several sessions; what is about the machine is of none. */
function targetOf({ sessionId }: DesktopItem): WindowTarget {
  return sessionId === undefined ? { screen: 'attention' } : { screen: 'session', sessionId };
}
