import { visibleLine, visibleText } from '../../base/visible-text.ts';
import type { Logger } from '../../base/log.ts';
import type { AttentionKind } from '../../protocol/attention.ts';
import type { NotificationParams } from '../../protocol/methods.ts';

type Told = NotificationParams<'desktop.show'>;
export type DesktopItem = Told['item'];

/** What stands on the desktop. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly silent: boolean;
  readonly urgency: 'low' | 'normal' | 'critical';
  /** Stays until it is put away. */
  readonly stays: boolean;
}

export interface NoticeEvents {
  /** Once: it is there, or why not, in a sentence. */
  shown(problem: string | null): void;
  clicked(): void;
  /** It is gone, and not by us. */
  closed(): void;
}

/** How notifications are shown; the real one is `system-notices.ts`. */
export interface NoticeWays {
  show(notice: Notice, events: NoticeEvents): { close(): void };
}

export interface DesktopNoticesOptions {
  readonly ways: NoticeWays;
  readonly log: Logger;
  /** Whether it came to the desktop, for the host. */
  tell(shown: NotificationParams<'desktop.shown'>): void;
  /** The person clicked on it: brings the window up there. */
  open(item: DesktopItem): void;
  /** The person has seen it. */
  seen(id: string): void;
}

/** What somebody has to do something about stays; of the rest the desktop knows how long it shows it. */
const STAYS: ReadonlySet<AttentionKind> = new Set(['decision', 'question', 'machine', 'failed']);
/** More than a desktop can show, or a person read. */
const MAX_NOTICES = 20;

/** The notifications of this host on this desktop, one an id: shown, replaced and taken back as it says. */
export class DesktopNotices {
  readonly #options: DesktopNoticesOptions;
  /** Oldest first. */
  readonly #open = new Map<string, { handle: { close(): void } | null }>();

  constructor(options: DesktopNoticesOptions) {
    this.#options = options;
  }

  get ids(): readonly string[] {
    return [...this.#open.keys()];
  }

  show({ item, loud }: Told): void {
    const { id } = item;
    this.#close(id);
    const kept: { handle: { close(): void } | null } = { handle: null };
    const isMine = (): boolean => this.#open.get(id) === kept;
    this.#open.set(id, kept);
    kept.handle = this.#options.ways.show(noticeOf(item, loud), {
      shown: (problem) => {
        if (problem !== null) {
          if (isMine()) this.#open.delete(id);
          this.#options.log.warn({ problem }, 'a notification was not shown');
        }
        this.#options.tell({ id, problem });
      },
      clicked: () => {
        this.#close(id);
        this.#options.open(item);
        this.#options.seen(id);
      },
      closed: () => void (isMine() && this.#open.delete(id)),
    });
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_NOTICES && oldest !== undefined) this.#close(oldest);
  }

  withdraw(ids: readonly string[]): void {
    for (const id of ids) this.#close(id);
  }

  /** What is not asked any more, after a time in which nobody could say so. */
  keepOnly(asks: (id: string) => boolean): void {
    for (const id of this.ids) if (!asks(id)) this.#close(id);
  }

  closeAll(): void {
    for (const id of this.ids) this.#close(id);
  }

  #close(id: string): void {
    const kept = this.#open.get(id);
    this.#open.delete(id);
    kept?.handle?.close();
  }
}

function noticeOf({ kind, title, text }: DesktopItem, loud: boolean): Notice {
  return {
    title: visibleLine(title),
    body: visibleText(text),
    silent: !loud,
    urgency: loud ? 'critical' : kind === 'finished' ? 'low' : 'normal',
    stays: STAYS.has(kind),
  };
}
