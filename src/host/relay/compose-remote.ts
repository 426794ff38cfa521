import { createHash } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import { Emitter } from '../../base/emitter.ts';
import { systemTimers } from '../../connection/timers.ts';
import type { Transport } from '../../connection/transport.ts';
import type { DhKeyPair, Primitives } from '../../crypto/primitives.ts';
import type { Home } from '../../local/home.ts';
import type { OwnNode } from '../agents/node-program.ts';
import type { Handlers } from '../api/handlers.ts';
import type { DeskParts } from '../approvals/compose-desk.ts';
import type { DeviceReach } from '../power/light.ts';
import type { ConfigFile } from '../config/config.ts';
import { DeviceBook } from '../devices/device-book.ts';
import { Devices } from '../devices/device-methods.ts';
import { passkeyMethods, type PasskeyMethods } from '../devices/passkey-methods.ts';
import { Passkeys } from '../devices/passkeys.ts';
import { HostKeys } from '../devices/host-keys.ts';
import { MailDoor } from '../mail/mail-door.ts';
import { MailTaker, type MailTakerNeeds } from '../mail/mail-taker.ts';
import type { Device, RelayStatus } from '../../protocol/devices.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { PushState } from '../../protocol/push.ts';
import type { ChannelId, DeviceId } from '../../protocol/relay.ts';
import type { NoteWays } from '../notes/note-port.ts';
import type { Problems } from '../problems.ts';
import { DialClock } from './dial-clock.ts';
import { lanAddress } from './lan-address.ts';
import { isRelayWell, Outside } from './outside.ts';
import { OwnRelay } from './own-relay.ts';
import { freePort, relayRunner } from './relay-child.ts';
import { RelayLink } from './relay-link.ts';
import { dialRelay } from './relay-socket.ts';
import type { PairingGround } from './remote.ts';
import { SealedDoor, type DeviceSurface, type RemoteSurface } from './sealed-door.ts';
import { Ways } from './ways.ts';

/** Beside the host the relay is back at once; another one is not hammered. */
const OWN_RETRY_MS = 2_000;
const OTHER_RETRY_MS = 30_000;

export interface RemoteNeeds {
  readonly home: Home;
  readonly dist: string;
  readonly version: string;
  readonly own: OwnNode;
  readonly config: ConfigFile;
  readonly problems: Problems;
  readonly logger: Logger;
  /** Whose a device is that nobody has said it of. */
  readonly owner: string;
  readonly claims: MailTakerNeeds['claims'];
  /** Runs a change of the devices in the name of a surface. */
  inNameOf<T>(this: void, by: string, change: () => T): T;
  now(): Date;
  accept(transport: Transport, remote: RemoteSurface): DeviceSurface;
  /** How pushes to a device fare; null: it did not ask to be told. */
  push(this: void, id: DeviceId): PushState | null;
}

type RemoteMethods = ReturnType<Devices['methods']> &
  PasskeyMethods &
  Pick<Handlers, 'relay.status'>;

export interface Remote {
  readonly book: DeviceBook;
  readonly methods: RemoteMethods;
  /** For the dead-man's note. */
  readonly noteWays: NoteWays;
  /** For pairing. */
  readonly ground: PairingGround;
  /** For decisions of devices. */
  readonly devices: DeskParts['devices'];
  /** Whether devices can reach this host; with `isWatched` also the way from elsewhere is looked at. */
  reach(isWatched: boolean): DeviceReach;
  readonly reachChanged: Pick<Emitter<void>, 'on'>;
  /** Loaded at first need: a home without devices pays nothing for sealing. */
  primitives(): Promise<Primitives>;
  /** As `devices.list` and `relay.status` show them. */
  list(): Device[];
  status(): RelayStatus;
  /** To the relay of `relay.status` and back; null: none, or no answer. */
  roundTripMs(limitMs: number): Promise<number | null>;
  /** How long ago the relays of all paired devices were last heard; null: one of them is not there. */
  heardAgoMs(): number | null;
  /** What is shown of a device beside its record is another. */
  devicesChanged(): void;
  /** Called once surfaces can be served. */
  start(): void;
  /** The machine has slept. */
  probe(): void;
  /** Says at every relay that the machine sleeps, and leaves; each within `limitMs`. */
  sleep(since: string, limitMs: number): Promise<void>;
  /** Back to every relay at once. */
  wake(): void;
  close(): void;
}

/** Everything between this host and the devices that are paired with it. */
export function composeRemote(needs: RemoteNeeds): Remote {
  const { home, dist, version, own, config, problems, logger, now, accept, owner, claims } = needs;
  const timers = systemTimers;
  const random = () => Math.random();
  const book = new DeviceBook({ path: join(home.root, 'devices.json'), now });
  const keys = new KeysAtFirstNeed(join(home.root, 'keys.json'), () => book.all().length > 0);
  const door = new SealedDoor({
    ...{ book, accept, logger },
    keys: () => keys.open(),
  });
  const ownRelay = new OwnRelay({
    run: relayRunner({ dist, own, env: process.env, logger }),
    portFile: join(home.root, 'relay.json'),
    ...{ freePort, timers, random, logger },
  });
  const dialClock = new DialClock({
    path: join(home.root, 'dialled.json'),
    nowMs: () => now().getTime(),
    logger,
  });
  const ways = new Ways({
    ...{ book, own: ownRelay, timers },
    config: () => config.current(),
    lanAddress: () => lanAddress(networkInterfaces()),
    link: (relay, target) =>
      new RelayLink({
        ...{ relay, timers, random, logger, dial: dialRelay },
        keys: keys.open().host,
        revocations: () => ({ revoked: book.revoked, epoch: book.epoch }),
        onDevice: (device, pipe) => {
          try {
            door.admit(device, pipe);
          } catch (error) {
            logger.error({ err: error, device }, 'a device could not be admitted');
            pipe.close('');
          }
        },
        dialledMs: target === 'own' ? undefined : () => dialClock.next(),
        maxRetryMs: target === 'own' ? OWN_RETRY_MS : OTHER_RETRY_MS,
      }),
  });
  const mail = new MailTaker({
    ...{ book, ways, claims, timers, logger },
    door: new MailDoor({ accept, version }),
    find: (id) => book.find(id),
    // Loaded, since a relay has handed something over.
    keys: () => keys.open(),
    nowMs: () => now().getTime(),
  });
  const devices = new Devices({ book, door, timers, owner, push: needs.push });
  const outside = new Outside({ ask: isRelayWell, timers });
  const reachChanged = new Emitter<void>();
  const passkeys = new Passkeys({
    ...{ book, owner, logger, now, as: needs.inNameOf },
    steadyMs: () => performance.now(),
  });
  const tell = () => problems.set('relay', book.trouble ?? ways.problem());
  const look = async (): Promise<void> => {
    // A home without devices makes no keys, and has nothing to listen for.
    try {
      if (book.all().length > 0) await keys.load();
      ways.sync();
      tell();
    } catch (error) {
      logger.error({ err: error }, 'there is no way to devices');
      problems.set('relay', `No device can connect: ${messageOf(error)}`);
    }
  };
  book.changed.on((change) => {
    if (change.kind === 'revoked') ways.revoke();
    if (change.kind === 'revoked' || change.kind === 'added') void look();
    reachChanged.emit();
  });
  ways.changed.on(tell);
  ways.changed.on(() => reachChanged.emit());
  outside.changed.on(() => reachChanged.emit());
  const unfollow = config.changed.on(() => void look());
  return {
    book,
    ...{ reachChanged, noteWays: ways },
    reach: (isWatched) => {
      const url = ways.publicUrl();
      outside.watch(isWatched ? url : null);
      const agos = [ways.heardAgoMs(), ...(url === null ? [] : [outside.answeredAgoMs])];
      return {
        devices: book
          .all()
          .map(({ role, passkey }) => ({ role, hasPasskey: passkey !== undefined })),
        reachedAgoMs: agos.reduce((a, b) => (a === null || b === null ? null : Math.max(a, b))),
      };
    },
    list: () => devices.all(),
    status: () => ways.status(),
    roundTripMs: async (limitMs) => await ways.roundTripMs(limitMs),
    heardAgoMs: () => ways.heardAgoMs(),
    primitives: async () => (await keys.load()).primitives,
    devices: {
      find: (id) => {
        const device = book.find(id);
        return device === null ? null : { ...device, person: device.person ?? owner };
      },
      // A device that came in has had them loaded.
      hostKey: () => keys.open().host.relayKey,
      isFresh: async (id, text, response) => await passkeys.verify(id, text, response),
    },
    methods: {
      ...devices.methods(),
      ...passkeyMethods(passkeys, book, devices),
      'relay.status': () => ways.status(),
    },
    ground: {
      version,
      sealingKey: () => keys.open().own,
      hostId: () => createHash('sha256').update(keys.open().own.publicKey).digest('base64url'),
      hostName: () => hostNameOf(config),
      openWay: async (wanted) => {
        try {
          await keys.load();
        } catch (error) {
          throw new RpcFailure('refused', messageOf(error), { kind: 'keys' });
        }
        return await ways.open(wanted);
      },
      isFull: () => book.isFull,
      addDevice: ({ name, role, person, publicKey, signingKey, rootPsk, way }) => {
        const record = book.add({
          ...{ name, role, person, signingKey },
          via: way.lan ? 'lan' : 'relay',
          relay: way.lan ? 'own' : ways.targetOf(way.relay),
          publicKey: textOf(publicKey),
          rootPsk: textOf(rootPsk),
        });
        const grant = keys.open().host.grant(record.id, record.signingKey, record.epoch);
        return { device: devices.present(record), grant };
      },
    },
    devicesChanged: () => devices.changed(),
    start: () => void look(),
    probe: () => ways.probe(),
    sleep: async (since, limitMs) => await ways.sleep(since, limitMs),
    wake: () => ways.wake(),
    close: () => {
      unfollow();
      outside.watch(null);
      mail.close();
      door.close('the host leaves');
      ways.close();
    },
  };
}

/** What devices see as the name of this machine. */
export function hostNameOf(config: Pick<ConfigFile, 'current'>): string {
  const name = config.current().devices?.hostName ?? hostname();
  return name.slice(0, 80) || 'this machine';
}

interface Keys {
  readonly host: HostKeys;
  readonly own: DhKeyPair;
  readonly channel: ChannelId;
  readonly primitives: Primitives;
}

/** A home that never pairs has no keys, and its host does not load what computes with them. */
class KeysAtFirstNeed {
  readonly #path: string;
  readonly #isPaired: () => boolean;
  #loading: Promise<Keys> | null = null;
  #keys: Keys | null = null;

  constructor(path: string, isPaired: () => boolean) {
    this.#path = path;
    this.#isPaired = isPaired;
  }

  /** Throws in words when the file cannot be trusted; the next call looks again. */
  async load(): Promise<Keys> {
    this.#loading ??= this.#load();
    try {
      return await this.#loading;
    } catch (error) {
      this.#loading = null;
      throw error;
    }
  }

  /** Once loaded. */
  open(): Keys {
    if (this.#keys === null) throw new Error("The host's keys are not loaded yet.");
    return this.#keys;
  }

  async #load(): Promise<Keys> {
    const { nodePrimitives } = await import('../../local/node-primitives.ts');
    const primitives = await nodePrimitives();
    const host = HostKeys.open(this.#path, this.#isPaired());
    const own = primitives.keyPairOf(host.sealingSecret);
    this.#keys = { host, own, channel: host.channel, primitives };
    return this.#keys;
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
