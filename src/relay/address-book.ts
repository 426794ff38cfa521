import type { IncomingMessage } from 'node:http';
import { Bucket, type Rate } from './bucket.ts';
import type { Clock } from './clock.ts';

export interface AddressLimits {
  readonly maxPerAddress: number;
  readonly addressConnects: Rate;
  /** Bytes, and 256 for each frame. */
  readonly addressTraffic: Rate;
}

/** Addresses that are remembered at once; beyond it strangers wait. */
const MAX_ADDRESSES = 100_000;
const SWEEP_MS = 60_000;

/** What one address may do; kept in memory while it does, and shown nowhere. */
export interface Visitor {
  connections: number;
  readonly connects: Bucket;
  readonly traffic: Bucket;
}

export class AddressBook {
  readonly #limits: AddressLimits;
  readonly #clock: Clock;
  readonly #visitors = new Map<string, Visitor>();
  #sweptAtMs: number;

  constructor(limits: AddressLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#sweptAtMs = clock.nowMs();
  }

  /** Lets one connection in, which `leave` must end; null when the address has to wait. */
  enter(address: string): Visitor | null {
    const nowMs = this.#clock.nowMs();
    this.#sweep(nowMs);
    const visitor = this.#visitorOf(address, nowMs);
    if (visitor === null || visitor.connections >= this.#limits.maxPerAddress) return null;
    if (!visitor.connects.tryTake(nowMs)) return null;
    visitor.connections += 1;
    return visitor;
  }

  leave(visitor: Visitor): void {
    visitor.connections -= 1;
  }

  #visitorOf(address: string, nowMs: number): Visitor | null {
    const known = this.#visitors.get(address);
    if (known !== undefined) return known;
    if (this.#visitors.size >= MAX_ADDRESSES) return null;
    const visitor: Visitor = {
      connections: 0,
      connects: new Bucket(this.#limits.addressConnects, nowMs),
      traffic: new Bucket(this.#limits.addressTraffic, nowMs),
    };
    this.#visitors.set(address, visitor);
    return visitor;
  }

  /** Whom nothing is held against is forgotten. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < SWEEP_MS) return;
    this.#sweptAtMs = nowMs;
    for (const [address, { connections, connects, traffic }] of this.#visitors)
      if (connections === 0 && connects.isFull(nowMs) && traffic.isFull(nowMs))
        this.#visitors.delete(address);
  }
}

/**
 * Where a request comes from. Behind a proxy that is the last entry of X-Forwarded-For, the one
 * that our own proxy wrote.
 */
export function addressOf(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = trustProxy ? lastOf(request.headers['x-forwarded-for']) : undefined;
  return networkOf(forwarded ?? request.socket.remoteAddress ?? '');
}

function lastOf(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(',') : header;
  return text?.split(',').at(-1)?.trim().slice(0, 64);
}

/** IPv6 counts by the /64 that one customer has. */
export function networkOf(address: string): string {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left.slice(0, 4).join(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
