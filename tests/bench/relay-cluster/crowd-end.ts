// Thousands of devices and their hosts: `node end.mjs ORDER`, see crowd.ts. Devices come back as ours do, after
// the wait of `backoffMs`, each from an address of its own.
import process from 'node:process';
import { backoffMs } from '../../../src/base/backoff.ts';
import { DeviceKey, HostKey } from '../../support/relay-clients.ts';
import type { Place } from './bench-host.ts';
import type { CrowdOrder, CrowdSays, CrowdTold } from './crowd.ts';
import { RawLine, type RawListener } from './raw-line.ts';

/** As src/connection/reconnect.ts has them. */
const RETRY = { firstMs: 250, maxMs: 10_000 };
/** Dialled and not admitted yet, while the crowd is made. */
const AT_ONCE = 40;

process.on('disconnect', () => process.exit(0));
const [orderText = ''] = process.argv.slice(2);
// Written by the bench.
const order = JSON.parse(orderText) as CrowdOrder;

abstract class Client implements RawListener {
  readonly #from: string;
  #line: RawLine | null = null;
  #failures = 0;
  isAdmitted = false;
  onAdmitted: () => void;
  /** Dials again when its line ends. */
  comesBack = false;

  constructor(from: string, onAdmitted: () => void) {
    this.#from = from;
    this.onAdmitted = onAdmitted;
  }

  abstract get place(): Place;
  abstract admission(nonce: string, authority: string): object;

  dial(): void {
    this.#line = new RawLine(this.place.authority, this.#from, this);
  }

  up(): void {
    if (order.isBare) this.#admitted();
  }

  text(line: RawLine, text: string): void {
    if (this.isAdmitted) return;
    const said = JSON.parse(text) as { type: string; nonce: string };
    if (said.type === 'challenge')
      line.say(JSON.stringify(this.admission(said.nonce, this.place.authority)));
    else if (said.type === 'admitted') this.#admitted();
    else if (said.type === 'refused') tally.refused += 1;
  }

  gone(line: RawLine): void {
    if (line !== this.#line) return;
    if (!this.isAdmitted) tally.failed += 1;
    this.isAdmitted = false;
    if (!this.comesBack) return lostAtFirst(this);
    this.#failures += 1;
    setTimeout(() => this.dial(), backoffMs(this.#failures, RETRY, Math.random()));
  }

  #admitted(): void {
    this.isAdmitted = true;
    this.#failures = 0;
    this.onAdmitted();
  }
}

class Host extends Client {
  readonly key = new HostKey();

  get place(): Place {
    if (order.hosts === null) throw new Error('Hosts have no place here.');
    return order.hosts;
  }

  admission(nonce: string, authority: string): object {
    return { ...this.key.admission(nonce, authority), dialledMs: Date.now() };
  }
}

class Device extends Client {
  readonly #key: DeviceKey | null;
  readonly #host: HostKey | null;
  readonly #grant: ReturnType<HostKey['grant']> | null;

  constructor(from: string, host: HostKey | null, onAdmitted: () => void) {
    super(from, onAdmitted);
    this.#host = host;
    this.#key = host === null ? null : new DeviceKey();
    this.#grant = this.#key === null ? null : (host?.grant(this.#key) ?? null);
  }

  get place(): Place {
    return devicesGoTo;
  }

  admission(nonce: string, authority: string): object {
    if (this.#key === null || this.#host === null || this.#grant === null)
      throw new Error('A bare server asks nothing.');
    return this.#key.admission(nonce, authority, this.#host.channel, this.#grant);
  }
}

let devicesGoTo = order.devices;
const tally = { failed: 0, refused: 0 };
const clients: Client[] = [];
/** Of the devices that are made now. */
let hostKey: HostKey | null = null;
let devicesOfLast = 0;
let admittedAtMs: number[] = [];
let wake: () => void = () => {};

process.on('message', (told: CrowdTold) => {
  if ('open' in told) void open(told.open);
  else void comeBack(told.goTo, told.limitMs);
});
say({ ready: true });

/** Lines of hosts count too: each is there before its devices. */
async function open(count: number): Promise<void> {
  let inFlight = 0;
  const settle = (): void => {
    inFlight -= 1;
    wake();
  };
  while (clients.length < count) {
    while (inFlight >= AT_ONCE) await wakened();
    const needsHost = order.hosts !== null && (hostKey === null || devicesOfLast >= order.perHost);
    if (needsHost) while (inFlight > 0) await wakened();
    inFlight += 1;
    const from = address(clients.length);
    if (order.hosts === null && !order.isBare && devicesOfLast % order.perHost === 0)
      hostKey = new HostKey();
    const client: Client = needsHost ? new Host(from, settle) : new Device(from, hostKey, settle);
    clients.push(client);
    client.dial();
    devicesOfLast = client instanceof Host ? 0 : devicesOfLast + 1;
    if (!(client instanceof Host)) continue;
    hostKey = client.key;
    // A device that comes before its host would only wait for it.
    while (inFlight > 0) await wakened();
  }
  while (inFlight > 0) await wakened();
  say({ opened: clients.filter(({ isAdmitted }) => isAdmitted).length });
}

async function comeBack(goTo: Place, limitMs: number): Promise<void> {
  devicesGoTo = goTo;
  admittedAtMs = [];
  tally.failed = 0;
  tally.refused = 0;
  const devices = clients.filter((client) => client instanceof Device);
  for (const device of devices) {
    device.comesBack = true;
    device.onAdmitted = backAgain;
  }
  say({ ready: true });
  const untilMs = Date.now() + limitMs;
  while (admittedAtMs.length < devices.length && Date.now() < untilMs)
    await Promise.race([wakened(), new Promise((resolve) => setTimeout(resolve, 100))]);
  say({ returned: { atMs: admittedAtMs, ...tally } });
}

function backAgain(): void {
  admittedAtMs.push(Date.now());
  wake();
}

function lostAtFirst(client: Client): void {
  process.stderr.write(`a line was lost: ${client.constructor.name}\n`);
  process.exit(1);
}

async function wakened(): Promise<void> {
  await new Promise<void>((resolve) => {
    wake = resolve;
  });
}

/** 127.0.0.0/8 has more than enough, and no limit of one address is met. */
function address(n: number): string {
  const all = order.nth * 100_000 + n;
  return `127.${10 + (all >> 16)}.${(all >> 8) & 255}.${all & 255}`;
}

function say(message: CrowdSays): void {
  process.send?.(message);
}
