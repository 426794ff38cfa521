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
const DEFAULT_ACTION = 'default';
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

/** One as it stands on the desktop now, with its buttons: what each says, and the name of its action. */
export interface OpenNotification extends ShownNotification {
  readonly buttons: ReadonlyMap<string, string>;
}

/** Plays the desktop's notifications: keeps what was shown, and clicks on it. */
export class NotificationDaemon {
  /** All that were ever shown, in order; the `n`th has the id n, unless it took the place of another. */
  readonly shown: ShownNotification[] = [];
  readonly details: NotificationDetail[] = [];
  /** Those that stand on the desktop now, by their ids. */
  readonly standing = new Map<number, OpenNotification>();
  readonly #bus: MessageBus;
  #signals: Signals = { invoked: () => {}, closed: () => {} };

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  static async start(busAddress: string, options: DaemonOptions = {}): Promise<NotificationDaemon> {
    const bus = sessionBus({ busAddress });
    const daemon = new NotificationDaemon(bus);
    const { made, signals } = daemonInterface(options, {
      show: (shown, { replaces, buttons, ...detail }) => {
        const newest = daemon.shown.push(shown);
        daemon.details.push(detail);
        const id = daemon.standing.has(replaces) ? replaces : newest;
        daemon.standing.set(id, { ...shown, buttons });
        return id;
      },
      close: (id) => void (daemon.standing.delete(id) && daemon.#signals.closed(id, BY_CALL)),
    });
    daemon.#signals = signals;
    bus.export(PATH, made);
    await bus.requestName(NAME, 0);
    return daemon;
  }

  /** Ids of those that stand on the desktop now. */
  get open(): ReadonlySet<number> {
    return new Set(this.standing.keys());
  }

  /** Clicks on it. */
  click(id: number): void {
    this.#signals.invoked(id, DEFAULT_ACTION);
  }

  /** Clicks on its button that says so. */
  press(id: number, button: string): void {
    const action = this.standing.get(id)?.buttons.get(button);
    if (action === undefined) throw new Error(`Notification ${id} has no button "${button}".`);
    this.#signals.invoked(id, action);
  }

  /** The person puts it away. */
  dismiss(id: number): void {
    this.standing.delete(id);
    this.#signals.closed(id, DISMISSED);
  }

  stop(): void {
    this.#bus.disconnect();
  }
}

/** In turn the name of an action and what its button says; a click on the whole has no button. */
function buttonsOf(actions: readonly string[]): Map<string, string> {
  const pairs = actions.flatMap((name, at) =>
    at % 2 === 0 ? [{ name, says: actions[at + 1] }] : [],
  );
  return new Map(
    pairs.flatMap(({ name, says }) =>
      name === DEFAULT_ACTION || says === undefined ? [] : [[says, name]],
    ),
  );
}

interface Signals {
  invoked(id: number, action: string): void;
  closed(id: number, reason: number): void;
}

function daemonInterface(
  { markup = false, hangs = false }: DaemonOptions,
  desk: {
    show(
      shown: ShownNotification,
      how: NotificationDetail & Pick<OpenNotification, 'buttons'> & { readonly replaces: number },
    ): number;
    close(id: number): void;
  },
): { made: Interface; signals: Signals } {
  const never = new Promise<never>(() => {});
  class Notifications extends dbusInterface.Interface {
    Notify(
      _app: string,
      replaces: number,
      _icon: string,
      title: string,
      body: string,
      actions: string[],
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
          replaces,
          buttons: buttonsOf(actions),
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
      invoked: (id, action) => void made.ActionInvoked(id, action),
      closed: (id, reason) => void made.NotificationClosed(id, reason),
    },
  };
}
