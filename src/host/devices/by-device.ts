import type { DeviceId } from '../../protocol/relay.ts';

export const DEVICE_BY = 'device:';
/** An event's `by` has 80 characters, and DEVICE_BY is the beginning of it. */
const MAX_NAME_CHARS = 70;
const ID_CHARS = 8;

export interface NamedDevice {
  readonly id: DeviceId;
  readonly name: string;
}

/**
 * `by` in what a device does. It is made here, since a device that names itself could call itself
 * "window". Names differ from one device to the next; where one is cut, a part of the id says which.
 */
export function byOfDevice({ id, name }: NamedDevice): string {
  if (name.length <= MAX_NAME_CHARS) return `${DEVICE_BY}${name}`;
  const cut = name.slice(0, MAX_NAME_CHARS - ID_CHARS - 2).replace(/[\uD800-\uDBFF]$/u, '');
  return `${DEVICE_BY}${cut}… ${id.slice(0, ID_CHARS)}`;
}

/** Names that only the host gives. */
const RESERVED: ReadonlySet<string> = new Set(['host', 'agent']);

/** `by` of a surface of this machine, as it named itself. */
export function byOfLocal(name: string): string {
  return name.startsWith(DEVICE_BY) || RESERVED.has(name) ? `local:${name}`.slice(0, 80) : name;
}
