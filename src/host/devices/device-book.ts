import { randomBytes } from 'node:crypto';
import { Emitter } from '../../base/emitter.ts';
import {
  MAX_DEVICE_NAME_CHARS,
  MAX_DEVICES,
  MAX_PERSON_CHARS,
  type Role,
} from '../../protocol/devices.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import { deviceIdSchema, MAX_REVOKED, type DeviceId } from '../../protocol/relay.ts';
import {
  deviceFileSchema,
  type DeviceFile,
  type DeviceRecord,
  type Passkey,
} from './device-record.ts';
import { readPrivate, writePrivate } from './private-file.ts';

/** When a device was last seen is written this often at most. */
const SEEN_EVERY_MS = 60_000;

export type AddedDevice = Pick<
  DeviceRecord,
  'name' | 'role' | 'person' | 'via' | 'relay' | 'publicKey' | 'signingKey' | 'rootPsk'
>;

type Change = 'renamed' | 'roleSet' | 'personSet' | 'passkeySet' | 'seen';

/** What became of a device; what others do about it happens before the change returns. */
export type BookChange =
  | { readonly kind: 'added' | Change; readonly device: DeviceRecord }
  | { readonly kind: 'revoked'; readonly devices: readonly DeviceRecord[] };

export interface DeviceBookNeeds {
  /** `devices.json`. */
  readonly path: string;
  now(): Date;
}

/**
 * The devices that may come in, in a file of its own: durable before a change takes effect, and not
 * part of the history, since a restored copy would bring revoked devices and used counters back.
 * Read at first need.
 */
export class DeviceBook {
  readonly changed = new Emitter<BookChange>();
  readonly #needs: DeviceBookNeeds;
  #file: DeviceFile | null = null;
  /** A book that cannot be trusted lets nobody in; in words. */
  #trouble: string | null = null;

  constructor(needs: DeviceBookNeeds) {
    this.#needs = needs;
  }

  /** Why nobody is let in, or null. */
  get trouble(): string | null {
    this.#read();
    return this.#trouble;
  }

  get epoch(): number {
    return this.#read().epoch;
  }

  get revoked(): readonly DeviceId[] {
    return this.#read().revoked;
  }

  /** In the order of pairing. */
  all(): readonly DeviceRecord[] {
    return this.#read().devices;
  }

  find(id: DeviceId): DeviceRecord | null {
    return this.#read().devices.find((each) => each.id === id) ?? null;
  }

  get isFull(): boolean {
    return this.#read().devices.length >= MAX_DEVICES;
  }

  add(added: AddedDevice): DeviceRecord {
    const file = this.#trusted();
    if (this.isFull)
      throw new RpcFailure(
        'refused',
        `${MAX_DEVICES} devices are paired, and there can be no more: revoke one first.`,
      );
    const device: DeviceRecord = {
      ...added,
      id: deviceIdSchema.parse(randomBytes(16).toString('base64url')),
      name: uniqueName(added.name, file.devices),
      ...(added.person !== undefined && { person: personName(added.person) }),
      pairedAt: this.#needs.now().toISOString(),
      lastSeenAt: null,
      epoch: file.epoch,
      counter: 0,
    };
    this.#write({ ...file, devices: [...file.devices, device] });
    this.changed.emit({ kind: 'added', device });
    return device;
  }

  rename(id: DeviceId, name: string): DeviceRecord {
    const others = this.#trusted().devices.filter((each) => each.id !== id);
    return this.#change('renamed', id, { name: uniqueName(name, others) });
  }

  setRole(id: DeviceId, role: Role): DeviceRecord {
    return this.#change('roleSet', id, { role });
  }

  setPerson(id: DeviceId, person: string): DeviceRecord {
    return this.#change('personSet', id, { person: personName(person) });
  }

  /** null: it has none any more. */
  setPasskey(id: DeviceId, passkey: Passkey | null): DeviceRecord {
    return this.#change('passkeySet', id, { passkey: passkey ?? undefined });
  }

  /** The record with its secrets is gone from the disk when this returns. */
  revoke(id: DeviceId): DeviceId[] {
    const file = this.#trusted();
    const device = this.#known(id);
    this.#write({
      ...file,
      devices: file.devices.filter((each) => each !== device),
      // The oldest falls out: a relay would let it knock again, and nobody here would open.
      revoked: [...file.revoked, id].slice(-MAX_REVOKED),
    });
    this.changed.emit({ kind: 'revoked', devices: [device] });
    return [id];
  }

  revokeAll(): DeviceId[] {
    const file = this.#trusted();
    if (file.devices.length === 0) return [];
    this.#write({ ...file, devices: [], revoked: [], epoch: file.epoch + 1 });
    this.changed.emit({ kind: 'revoked', devices: file.devices });
    return file.devices.map((each) => each.id);
  }

  /** Whether a connection with this counter may be answered: each is good once. */
  accepts(id: DeviceId, counter: number): boolean {
    const device = this.find(id);
    return device !== null && Number.isSafeInteger(counter) && counter > device.counter;
  }

  /**
   * The device has proved that it is there. Durable when it returns, so that no copy of what it
   * sent is ever answered again, whatever ends this host. False when it was revoked meanwhile.
   */
  confirm(id: DeviceId, counter: number): boolean {
    const device = this.find(id);
    if (device === null) return false;
    const lastSeenAt = this.#needs.now().toISOString();
    this.#change('seen', id, { counter: Math.max(counter, device.counter), lastSeenAt });
    return true;
  }

  /** It was last heard of then; at most one write a minute. */
  seen(id: DeviceId, at: Date): void {
    const device = this.find(id);
    if (device === null) return;
    const last = device.lastSeenAt === null ? 0 : Date.parse(device.lastSeenAt);
    if (at.getTime() - last < SEEN_EVERY_MS) return;
    this.#change('seen', id, { lastSeenAt: at.toISOString() });
  }

  #change(kind: Change, id: DeviceId, fields: Partial<DeviceRecord>): DeviceRecord {
    const file = this.#trusted();
    const known = this.#known(id);
    const device = { ...known, ...fields };
    this.#write({
      ...file,
      devices: file.devices.map((each) => (each === known ? device : each)),
    });
    this.changed.emit({ kind, device });
    return device;
  }

  #known(id: DeviceId): DeviceRecord {
    const device = this.find(id);
    if (device === null)
      throw new RpcFailure('notFound', `There is no device ${id}: see "porchlight devices".`);
    return device;
  }

  #trusted(): DeviceFile {
    const file = this.#read();
    if (this.#trouble !== null) throw new RpcFailure('refused', this.#trouble);
    return file;
  }

  #read(): DeviceFile {
    if (this.#file !== null) return this.#file;
    this.#file = { version: 1, epoch: 0, revoked: [], devices: [] };
    const { path } = this.#needs;
    try {
      const text = readPrivate(path);
      if (text !== null) this.#file = parse(path, text);
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
    }
    return this.#file;
  }

  #write(file: DeviceFile): void {
    writePrivate(this.#needs.path, JSON.stringify(file));
    this.#file = file;
  }
}

function parse(path: string, text: string): DeviceFile {
  try {
    return deviceFileSchema.parse(JSON.parse(text));
  } catch {
    // What is in it must not get into an error or the log.
    throw new Error(
      `${path} is damaged, so that no device is let in: put it back from where you keep it, or move it away and pair your devices anew.`,
    );
  }
}

/** "Pixel 9", "Pixel 9 2", … */
export function uniqueName(wanted: string, others: readonly { readonly name: string }[]): string {
  const base = cleaned(wanted);
  const taken = new Set(others.map(({ name }) => name.toLowerCase()));
  for (let n = 1; ; n += 1) {
    const suffix = n === 1 ? '' : ` ${n}`;
    const name = `${cut(base, MAX_DEVICE_NAME_CHARS - suffix.length)}${suffix}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
}

function personName(wanted: string): string {
  return cut(cleaned(wanted, 'owner'), MAX_PERSON_CHARS);
}

/** No longer than so many UTF-16 units, and no half of a character at the end. */
function cut(text: string, maxChars: number): string {
  return text
    .slice(0, maxChars)
    .replace(/[\uD800-\uDBFF]$/u, '')
    .trimEnd();
}

/** One visible line: a device names itself, and the name is shown where people decide. */
function cleaned(name: string, otherwise = 'Device'): string {
  const line = name
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim();
  return line === '' ? otherwise : line;
}
