import {
  interface as dbusInterface,
  sessionBus,
  type Interface,
  type MessageBus,
  type Variant,
} from '@jellybrick/dbus-next';
import { exported } from './status-notifier-host.ts';

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';
/** Notification Specification 1.2, "NotificationClosed". */
const DISMISSED = 2;
const BY_CALL = 3;

export interface ShownNotification {
  readonly title: string;
  readonly body: string;
}

/** What else was said of one. */
export interface NotificationDetail {
  /** 0 low, 1 normal, 2 critical. */
  readonly urgency: number | null;
  /** -1: as the desktop likes, 0: until it is closed. */
  readonly expireMs: number;
}

export interface DaemonOptions {
  /** Reads markup in the body. */
  readonly markup?: boolean;
  /** Never answers. */
  readonly hangs?: boolean;
}

/** Plays the desktop's notifications: keeps what was shown, and clicks on it. */
export class NotificationDaemon {
  /** All that were ever shown, in order; the `n`th has the id n. */
  readonly shown: ShownNotification[] = [];
  readonly details: NotificationDetail[] = [];
  /** Ids of those that stand on the desktop now. */
  readonly open = new Set<number>();
  readonly #bus: MessageBus;
  #signals: Signals = { clicked: () => {}, closed: () => {} };

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  static async start(busAddress: string, options: DaemonOptions = {}): Promise<NotificationDaemon> {
    const bus = sessionBus({ busAddress });
    const daemon = new NotificationDaemon(bus);
    const { made, signals } = daemonInterface(options, {
      show: (shown, detail) => {
        const id = daemon.shown.push(shown);
        daemon.details.push(detail);
        daemon.open.add(id);
        return id;
      },
      close: (id) => void (daemon.open.delete(id) && daemon.#signals.closed(id, BY_CALL)),
    });
    daemon.#signals = signals;
    bus.export(PATH, made);
    await bus.requestName(NAME, 0);
    return daemon;
  }

  /** Clicks on the `n`th that was shown. */
  click(n: number): void {
    this.#signals.clicked(n);
  }

  /** The person puts the `n`th away. */
  dismiss(n: number): void {
    this.open.delete(n);
    this.#signals.closed(n, DISMISSED);
  }

  stop(): void {
    this.#bus.disconnect();
  }
}

interface Signals {
  clicked(id: number): void;
  closed(id: number, reason: number): void;
}

function daemonInterface(
  { markup = false, hangs = false }: DaemonOptions,
  desk: {
    show(shown: ShownNotification, detail: NotificationDetail): number;
    close(id: number): void;
  },
): { made: Interface; signals: Signals } {
  const never = new Promise<never>(() => {});
  class Notifications extends dbusInterface.Interface {
    Notify(
      _app: string,
      _replaces: number,
      _icon: string,
      title: string,
      body: string,
      _actions: string[],
      hints: Record<string, Variant | undefined>,
      expireMs: number,
    ): number | Promise<never> {
      if (hangs) return never;
      const urgency: unknown = hints['urgency']?.value;
      return desk.show(
        { title, body },
        {
          urgency: typeof urgency === 'number' ? urgency : null,
          expireMs,
        },
      );
    }
    GetCapabilities(): string[] | Promise<never> {
      return hangs ? never : ['actions', 'body', ...(markup ? ['body-markup'] : [])];
    }
    GetServerInformation(): string[] | Promise<never> {
      return hangs ? never : ['a desktop', 'Porchlight', '1', '1.2'];
    }
    CloseNotification(id: number): void {
      desk.close(id);
    }
    ActionInvoked(id: number, action: string): [number, string] {
      return [id, action];
    }
    NotificationClosed(id: number, reason: number): [number, number] {
      return [id, reason];
    }
  }
  Notifications.configureMembers({
    methods: {
      Notify: { inSignature: 'susssasa{sv}i', outSignature: 'u' },
      GetCapabilities: { outSignature: 'as' },
      GetServerInformation: { outSignature: 'ssss' },
      CloseNotification: { inSignature: 'u' },
    },
    signals: {
      ActionInvoked: { signature: 'us' },
      NotificationClosed: { signature: 'uu' },
    },
  });
  const made = exported(new Notifications(NAME));
  return {
    made,
    signals: {
      clicked: (id) => void made.ActionInvoked(id, 'default'),
      closed: (id, reason) => void made.NotificationClosed(id, reason),
    },
  };
}
