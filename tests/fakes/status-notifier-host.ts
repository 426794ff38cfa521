import {
  DBusError,
  Message,
  type MessageBus,
  MessageType,
  sessionBus,
  Variant,
  type Interface,
  interface as dbusInterface,
} from '@jellybrick/dbus-next';

/** One line of the tray menu as a panel would show it. */
export interface PanelLine {
  readonly id: number;
  readonly label: string;
  readonly enabled: boolean;
  readonly separator: boolean;
  readonly below: readonly PanelLine[];
}

export interface PanelIcon {
  readonly width: number;
  readonly height: number;
  /** ARGB32, network byte order. */
  readonly pixels: Buffer;
}

const WATCHER_NAME = 'org.kde.StatusNotifierWatcher';
const WATCHER_PATH = '/StatusNotifierWatcher';
const ITEM_PATH = '/StatusNotifierItem';
const ITEM = 'org.kde.StatusNotifierItem';
const MENU = 'com.canonical.dbusmenu';
/** What Electron answers to a click on an item that it has thrown away. */
const MENU_GONE = 'error occurred in Event';
const NO_REPLY = 'org.freedesktop.DBus.Error.NoReply';
const POLL_MS = 20;

/**
 * Plays the panel: owns the watcher's name, and reads and clicks whatever registers. It must be up
 * before Electron starts, which otherwise falls back to XEmbed.
 */
export class StatusNotifierHost {
  readonly #bus: MessageBus;
  readonly #registered: { service: string; atMs: number }[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(bus: MessageBus) {
    this.#bus = bus;
  }

  /** With `isPanel` false it is only a client of the bus, as on a desktop without tray icons. */
  static async start(
    busAddress: string,
    { isPanel }: { isPanel: boolean },
  ): Promise<StatusNotifierHost> {
    const bus = sessionBus({ busAddress });
    const host = new StatusNotifierHost(bus);
    if (!isPanel) return host;
    bus.export(
      WATCHER_PATH,
      watcherInterface((service) => host.#register(service)),
    );
    await bus.requestName(WATCHER_NAME, 0);
    return host;
  }

  stop(): void {
    this.#bus.disconnect();
  }

  /** Items that have registered so far, in order, with `performance.timeOrigin`-based times. */
  get registered(): readonly { readonly service: string; readonly atMs: number }[] {
    return this.#registered;
  }

  /** Waits until `count` items have registered in all, and returns the newest. */
  async item(count: number, limitMs: number): Promise<TrayItem> {
    const deadline = Date.now() + limitMs;
    while (this.#registered.length < count) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`No tray icon number ${count} within ${limitMs} ms`);
      await this.#next(left);
    }
    const newest = this.#registered[count - 1];
    if (newest === undefined) throw new Error('unreachable');
    return new TrayItem(this.#bus, newest.service);
  }

  /** Waits until somebody else owns a name on this bus. */
  async nameOwned(name: string, limitMs: number): Promise<void> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const reply = await this.#bus.call(
        new Message({
          destination: 'org.freedesktop.DBus',
          path: '/org/freedesktop/DBus',
          interface: 'org.freedesktop.DBus',
          member: 'NameHasOwner',
          signature: 's',
          body: [name],
        }),
      );
      if (reply?.body[0] === true) return;
      if (Date.now() > deadline) throw new Error(`Nobody owns ${name} after ${limitMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  #register(service: string): void {
    this.#registered.push({ service, atMs: Date.now() });
    for (const wake of this.#waiting) wake();
  }

  async #next(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#waiting.add(done);
    });
  }
}

function watcherInterface(registered: (service: string) => void): Interface {
  class Watcher extends dbusInterface.Interface {
    IsStatusNotifierHostRegistered = true;
    RegisteredStatusNotifierItems: string[] = [];
    ProtocolVersion = 0;
    RegisterStatusNotifierItem(service: string): void {
      this.RegisteredStatusNotifierItems = [...this.RegisteredStatusNotifierItems, service];
      registered(service);
    }
    RegisterStatusNotifierHost(_service: string): void {}
    StatusNotifierHostRegistered(): void {}
  }
  Watcher.configureMembers({
    properties: {
      IsStatusNotifierHostRegistered: { signature: 'b', access: 'read' },
      RegisteredStatusNotifierItems: { signature: 'as', access: 'read' },
      ProtocolVersion: { signature: 'i', access: 'read' },
    },
    methods: {
      RegisterStatusNotifierItem: { inSignature: 's' },
      RegisterStatusNotifierHost: { inSignature: 's' },
    },
    signals: { StatusNotifierHostRegistered: { signature: '' } },
  });
  return exported(new Watcher(WATCHER_NAME));
}

/**
 * The constructor of dbus-next 0.11.3 sets these on the instance, undefined, which hides what
 * `configureMembers` has put on the prototype: nothing could be called. Goes when that is mended there.
 */
export function exported<I extends Interface>(made: I): I {
  for (const name of ['$properties', '$methods', '$signals']) Reflect.deleteProperty(made, name);
  return made;
}

/** One tray icon on the bus. */
export class TrayItem {
  readonly service: string;
  readonly #bus: MessageBus;

  constructor(bus: MessageBus, service: string) {
    this.#bus = bus;
    this.service = service;
  }

  async tooltip(): Promise<string> {
    const value = await this.#property('ToolTip');
    const [, , title, text] = value as [string, unknown, string, string];
    return title !== '' ? title : text;
  }

  async icon(): Promise<PanelIcon> {
    const pixmaps = (await this.#property('IconPixmap')) as [number, number, Buffer][];
    const largest = pixmaps.toSorted((a, b) => b[0] - a[0])[0];
    if (largest === undefined) throw new Error('The tray icon has no picture.');
    return { width: largest[0], height: largest[1], pixels: Buffer.from(largest[2]) };
  }

  /** The menu as it is now; read anew each time because every change rebuilds it. */
  async menu(): Promise<readonly PanelLine[]> {
    return await this.#layout((await this.#property('Menu')) as string);
  }

  /** Left click. */
  async activate(): Promise<void> {
    await this.#call(ITEM_PATH, ITEM, 'Activate', 'ii', [0, 0]);
  }

  /**
   * Clicks the item at the end of `labels`, going down submenus; a string matches the beginning
   * of a label. Waits until it is there and enabled.
   */
  async click(labels: readonly (string | RegExp)[], limitMs = 10_000): Promise<void> {
    await this.until(`a menu item ${labels.join(' › ')}`, limitMs, async () => {
      const path = (await this.#property('Menu')) as string;
      const found = find(await this.#layout(path), labels);
      return found?.enabled === true && (await this.#clicked(path, found.id));
    });
  }

  /** False when the menu was built anew since it was read: then nothing was clicked. */
  async #clicked(path: string, id: number): Promise<boolean> {
    try {
      await this.#call(path, MENU, 'Event', 'isvu', [id, 'clicked', new Variant('i', 0), 0]);
    } catch (error) {
      if (!(error instanceof DBusError)) throw error;
      if (error.text.includes(MENU_GONE)) return false;
      // An app that quits on a click leaves the bus before it has answered.
      if (error.type !== NO_REPLY) throw error;
    }
    return true;
  }

  async #layout(path: string): Promise<readonly PanelLine[]> {
    const [, root] = await this.#call(path, MENU, 'GetLayout', 'iias', [0, -1, []]);
    return lineOf(root).below;
  }

  /** Polls the item until `probe` answers something. */
  async until<T>(
    what: string,
    limitMs: number,
    probe: () => Promise<T | null | false>,
  ): Promise<T> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const found = await probe();
      if (found !== null && found !== false) return found;
      if (Date.now() > deadline)
        throw new Error(
          `No ${what} within ${limitMs} ms; the tray says "${await this.tooltip()}" and offers\n${outline(await this.menu())}`,
        );
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #property(name: string): Promise<unknown> {
    const [value] = await this.#call(ITEM_PATH, 'org.freedesktop.DBus.Properties', 'Get', 'ss', [
      ITEM,
      name,
    ]);
    return (value as Variant).value;
  }

  async #call(
    path: string,
    member: string,
    method: string,
    signature: string,
    body: unknown[],
  ): Promise<unknown[]> {
    const reply = await this.#bus.call(
      new Message({
        type: MessageType.METHOD_CALL,
        destination: this.service,
        path,
        interface: member,
        member: method,
        signature,
        body,
      }),
    );
    return reply?.body ?? [];
  }
}

function lineOf(node: unknown): PanelLine {
  const [id, properties, children] = node as [number, Record<string, Variant>, Variant[]];
  return {
    id,
    label: plain(String(properties.label?.value ?? '')),
    enabled: properties.enabled?.value !== false,
    separator: properties.type?.value === 'separator',
    below: children.map((child) => lineOf(child.value)),
  };
}

/** A panel draws one underscore for two, and underlines what follows a single one. */
function plain(label: string): string {
  return label.replace(/_(_?)/g, '$1');
}

export function find(
  lines: readonly PanelLine[],
  labels: readonly (string | RegExp)[],
): PanelLine | null {
  const [first, ...rest] = labels;
  if (first === undefined) return null;
  const line = lines.find(({ label }) =>
    typeof first === 'string' ? label.startsWith(first) : first.test(label),
  );
  if (line === undefined) return null;
  return rest.length === 0 ? line : find(line.below, rest);
}

/** The menu as indented text, for one whole-value comparison. Disabled lines are in brackets. */
export function outline(lines: readonly PanelLine[], indent = ''): string {
  return lines
    .map((line) => {
      if (line.separator) return `${indent}---\n`;
      const label = line.enabled ? line.label : `(${line.label})`;
      return `${indent}${label}\n${outline(line.below, `${indent}  `)}`;
    })
    .join('');
}
