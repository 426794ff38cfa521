/** Where a method or property is. */
export interface BusObject {
  readonly name: string;
  readonly path: string;
  readonly iface: string;
}

export interface BusSignal {
  readonly path: string;
  readonly iface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

export interface SignalRule {
  readonly sender: string;
  readonly path?: string;
  /** This path and all below it. */
  readonly pathNamespace?: string;
  readonly iface: string;
  readonly member?: string;
  readonly arg0?: string;
}

/** The bus, or the service on it, gave no answer, or an error. */
export class BusFailure extends Error {
  /** `org.freedesktop.DBus.Error.AccessDenied`; null: the bus itself is not there or does not answer. */
  readonly code: string | null;

  constructor(message: string, code: string | null, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A bus that may be missing, hang, die and come back. What asks throws {@link BusFailure}. */
export interface Bus {
  call(
    of: BusObject,
    member: string,
    signature?: string,
    body?: readonly unknown[],
  ): Promise<readonly unknown[]>;
  /** All properties, without their variants. */
  properties(of: BusObject): Promise<Readonly<Record<string, unknown>>>;
  hasOwner(name: string): Promise<boolean>;
  /** Until the returned end; on every connection there will be. */
  listen(rule: SignalRule, heard: (signal: BusSignal) => void): () => void;
  /** The connection is gone, and with it what peers held for us; or is there again. */
  onConnection(listener: (isUp: boolean) => void): () => void;
}

export function matchRule(rule: SignalRule): string {
  const { sender, path, pathNamespace, iface, member, arg0 } = rule;
  return Object.entries({
    type: 'signal',
    sender,
    path,
    path_namespace: pathNamespace,
    interface: iface,
    member,
    arg0,
  })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}='${value}'`)
    .join(',');
}

/** A sender stands in a signal as a number, not as its name: the bus has looked at that. */
export function fits(rule: SignalRule, { path, iface, member, body }: BusSignal): boolean {
  return (
    rule.iface === iface &&
    (rule.path === undefined || rule.path === path) &&
    (rule.pathNamespace === undefined || `${path}/`.startsWith(`${rule.pathNamespace}/`)) &&
    (rule.member === undefined || rule.member === member) &&
    (rule.arg0 === undefined || rule.arg0 === body[0])
  );
}
