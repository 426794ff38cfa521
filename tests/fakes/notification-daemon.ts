import {
  interface as dbusInterface,
  sessionBus,
  type Interface,
  type MessageBus,
} from '@jellybrick/dbus-next';
import { exported } from './status-notifier-host.ts';

const NAME = 'org.freedesktop.Notifications';
const PATH = '/org/freedesktop/Notifications';

export interface ShownNotification {
  readonly title: string;
  readonly body: string;
}

/** Plays the desktop's notifications: keeps what was shown, and clicks on it. */
export class NotificationDaemon {
  readonly shown: ShownNotification[] = [];
  readonly #bus: MessageBus;
  #click: (id: number) => void = () => {};

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  static async start(busAddress: string): Promise<NotificationDaemon> {
    const bus = sessionBus({ busAddress });
    const daemon = new NotificationDaemon(bus);
    const { made, click } = daemonInterface((shown) => daemon.shown.push(shown));
    daemon.#click = click;
    bus.export(PATH, made);
    await bus.requestName(NAME, 0);
    return daemon;
  }

  /** Clicks on the `n`th that was shown. */
  click(n: number): void {
    this.#click(n);
  }

  stop(): void {
    this.#bus.disconnect();
  }
}

function daemonInterface(show: (shown: ShownNotification) => number): {
  made: Interface;
  click: (id: number) => void;
} {
  class Notifications extends dbusInterface.Interface {
    Notify(_app: string, _replaces: number, _icon: string, title: string, body: string): number {
      return show({ title, body });
    }
    GetCapabilities(): string[] {
      return ['actions', 'body'];
    }
    GetServerInformation(): string[] {
      return ['a desktop', 'Porchlight', '1', '1.2'];
    }
    CloseNotification(_id: number): void {}
    ActionInvoked(id: number, action: string): [number, string] {
      return [id, action];
    }
  }
  Notifications.configureMembers({
    methods: {
      Notify: { inSignature: 'susssasa{sv}i', outSignature: 'u' },
      GetCapabilities: { outSignature: 'as' },
      GetServerInformation: { outSignature: 'ssss' },
      CloseNotification: { inSignature: 'u' },
    },
    signals: { ActionInvoked: { signature: 'us' } },
  });
  const made = exported(new Notifications(NAME));
  return { made, click: (id) => void made.ActionInvoked(id, 'default') };
}
